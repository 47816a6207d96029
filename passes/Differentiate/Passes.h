//===- Passes.h - Passes of phase `differentiate` --------------------------===//

#ifndef ARCHC_PASSES_DIFFERENTIATE_PASSES_H
#define ARCHC_PASSES_DIFFERENTIATE_PASSES_H

#include "dialect/mf/MfDialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace archc {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/Differentiate/Passes.h.inc"

} // namespace archc

#endif // ARCHC_PASSES_DIFFERENTIATE_PASSES_H
