//===- FoldWeights.h - Split off what depends on parameters alone ---------===//

#ifndef ARCHC_PASSES_FOLDWEIGHTS_FOLDWEIGHTS_H
#define ARCHC_PASSES_FOLDWEIGHTS_FOLDWEIGHTS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace archc {

/// Batch norms with running statistics become one multiply-add per channel, by numbers computed from parameters alone.
void lowerRunningNorms(mlir::func::FuncOp forward);

/// Moves norm affines, StarReLU's scale and bias and layer scales into the weights of their consumers or producers.
void foldAffine(mlir::func::FuncOp forward);

/// Moves every op of `forward` that does not depend on its input into a new function `prepare`, whose results become
/// further arguments of `forward`, in order of first use. Returns `prepare`.
mlir::func::FuncOp splitPrepare(mlir::func::FuncOp forward);

} // namespace archc

#endif // ARCHC_PASSES_FOLDWEIGHTS_FOLDWEIGHTS_H
