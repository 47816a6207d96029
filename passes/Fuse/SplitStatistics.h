//===- SplitStatistics.h - Norms over images become two kernels -----------===//

#ifndef ARCHC_PASSES_FUSE_SPLITSTATISTICS_H
#define ARCHC_PASSES_FUSE_SPLITSTATISTICS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace archc {

/// group_norm, layer_norm_chw and norm_scale become image_stats and normalize; equal statistics are taken once.
void splitStatistics(mlir::func::FuncOp forward);

} // namespace archc

#endif // ARCHC_PASSES_FUSE_SPLITSTATISTICS_H
