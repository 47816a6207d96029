//===- Passes.h - Passes of the fuse phase --------------------------------===//

#ifndef ARCHC_PASSES_FUSE_PASSES_H
#define ARCHC_PASSES_FUSE_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace archc {

#define GEN_PASS_DECL
#include "passes/Fuse/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "passes/Fuse/Passes.h.inc"

} // namespace archc

#endif // ARCHC_PASSES_FUSE_PASSES_H
