//===- FoldWeights.h - Split off what depends on parameters alone ---------===//

#ifndef ARCHC_PASSES_FOLDWEIGHTS_FOLDWEIGHTS_H
#define ARCHC_PASSES_FOLDWEIGHTS_FOLDWEIGHTS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace archc {

/// Batch norms with running statistics become one multiply-add per channel, by numbers computed from parameters alone.
void lowerRunningNorms(mlir::func::FuncOp forward);

/// Moves norm affines, StarReLU's scale and bias and layer scales into the weights of their consumers or producers.
void foldAffine(mlir::func::FuncOp forward);

/// Moves every op of `function` that does not depend on its arguments into a new function `name`, whose results become
/// further arguments of `function`, in order of first use. Returns the new function.
mlir::func::FuncOp splitPrepare(mlir::func::FuncOp function, mlir::StringRef name);

} // namespace archc

#endif // ARCHC_PASSES_FOLDWEIGHTS_FOLDWEIGHTS_H
