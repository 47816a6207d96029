//===- Passes.h - Passes of the fold-weights phase ------------------------===//

#ifndef ARCHC_PASSES_FOLDWEIGHTS_PASSES_H
#define ARCHC_PASSES_FOLDWEIGHTS_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace archc {

#define GEN_PASS_DECL
#include "passes/FoldWeights/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "passes/FoldWeights/Passes.h.inc"

} // namespace archc

#endif // ARCHC_PASSES_FOLDWEIGHTS_PASSES_H
