//===- Windows.h - Segments that read windows of an image -----------------===//

#ifndef ARCHC_PASSES_LOWERCPU_WINDOWS_H
#define ARCHC_PASSES_LOWERCPU_WINDOWS_H

#include "passes/LowerCpu/RowSegments.h"

namespace archc::cpu {

/// im2col. `firstRow`: global number of the block's first output position, of `outputHeight` x `outputWidth` per image. `scratch` holds
/// gatherScratchBytes(). The input's base is the operand itself.
struct GatherArguments {
  const GatherWindows &windows;
  int64_t outputHeight, outputWidth;
  Value firstRow, scratch;
};
void emitGatherWindows(Code &code, const BoundChain &chain, const RowInput &input, const RowRange &range,
                       const GatherArguments &arguments);
int64_t gatherScratchBytes(const CpuTarget &target, const GatherWindows &windows);

/// Lines [firstLine, firstLine + rows / width) of images of `height` lines.
struct LineRange {
  Value firstLine;
  int64_t height, width;
};

/// The input is of kind Image or Rows, its base the operand itself; `zeros`: a vector of zeros in memory.
struct DepthwiseArguments {
  const DepthwiseWindows &windows;
  LineRange lines;
  Value taps, zeros;
};
void emitDepthwiseWindows(Code &code, const BoundChain &chain, const RowInput &input, const RowRange &range,
                          const DepthwiseArguments &arguments);

/// Adds up the contractions of all taps in the rows of `output`, `outputStride` bytes apart; `scratch` holds transposedScratchBytes().
/// The input's base is the operand itself.
struct TransposedArguments {
  const TransposedWindows &windows;
  const RowsKernel &kernel;
  Value firstRow, rows, weights, output, outputStride, scratch;
};
void emitTransposedWindows(Code &code, const RowInput &input, const TransposedArguments &arguments);
int64_t transposedScratchBytes(const CpuTarget &target, const TransposedWindows &windows, const RowsKernel &kernel);

/// `scratch` holds poolScratchBytes().
struct PoolArguments {
  int64_t size;
  bool adjoint;
  LineRange lines;
  Value scratch;
};
void emitPoolMix(Code &code, const BoundChain &chain, const RowInput &input, const RowRange &range,
                 const PoolArguments &arguments);
int64_t poolScratchBytes(const CpuTarget &target, int64_t channels, int64_t width, int64_t size);

} // namespace archc::cpu

#endif // ARCHC_PASSES_LOWERCPU_WINDOWS_H
