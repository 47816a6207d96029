//===- ConvolutionShape.h - Extents of convolutions -----------------------===//

#ifndef ARCHC_DIALECT_MF_CONVOLUTIONSHAPE_H
#define ARCHC_DIALECT_MF_CONVOLUTIONSHAPE_H

#include "mlir/IR/Diagnostics.h"

#include <optional>

namespace archc::mf {

/// Rows or columns of a convolution's result; 0 when no window fits.
inline int64_t outputExtent(int64_t extent, int64_t kernel, int64_t stride, int64_t padding) {
  int64_t slack = extent + 2 * padding - kernel;
  return slack < 0 ? 0 : slack / stride + 1;
}

/// Two numbers, none below `least` (`conv2d_c2`, `depthwise_conv2d_c2` and the like).
inline mlir::LogicalResult checkPair(std::optional<mlir::Location> loc, llvm::StringRef name, llvm::ArrayRef<int64_t> pair,
                                     int64_t least) {
  if (pair.size() == 2 && pair[0] >= least && pair[1] >= least)
    return mlir::success();
  return emitOptionalError(loc, "`", name, "` is [", pair, "]; expected two numbers of at least ", least);
}

} // namespace archc::mf

#endif // ARCHC_DIALECT_MF_CONVOLUTIONSHAPE_H
