//===- Passes.h - Passes of the layout and plan phases --------------------===//

#ifndef ARCHC_PASSES_PLAN_PASSES_H
#define ARCHC_PASSES_PLAN_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace archc {

#define GEN_PASS_DECL
#include "passes/Plan/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "passes/Plan/Passes.h.inc"

} // namespace archc

#endif // ARCHC_PASSES_PLAN_PASSES_H
