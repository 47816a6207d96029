//===- Windows.h - Segments that read windows of an image -----------------===//

#ifndef ARCHC_PASSES_LOWERCPU_WINDOWS_H
#define ARCHC_PASSES_LOWERCPU_WINDOWS_H

#include "passes/LowerCpu/RowSegments.h"

namespace archc::cpu {

/// im2col. `firstRow`: global number of the block's first output position; `outputHeight` x `outputWidth` per image. `scratch` holds
/// gatherScratchBytes(). `input.base` is the operand itself.
void emitGatherWindows(Code &code, const BoundChain &chain, const RowInput &input, const RowRange &range,
                       const GatherWindows &windows, int64_t outputHeight, int64_t outputWidth, Value firstRow, Value scratch);
int64_t gatherScratchBytes(const CpuTarget &target, const GatherWindows &windows);

/// Lines [firstLine, firstLine + rows / width) of images of `height` lines.
struct LineRange {
  Value firstLine;
  int64_t height, width;
};

/// `input.kind` Image or Rows, `input.base` the operand itself; `zeros`: a vector of zeros in memory.
void emitDepthwiseWindows(Code &code, const BoundChain &chain, const RowInput &input, const RowRange &range,
                          const DepthwiseWindows &windows, const LineRange &lines, Value taps, Value zeros);

/// `scratch` holds poolScratchBytes().
void emitPoolMix(Code &code, const BoundChain &chain, const RowInput &input, const RowRange &range, int64_t size,
                 const LineRange &lines, Value scratch);
int64_t poolScratchBytes(const CpuTarget &target, int64_t channels, int64_t width, int64_t size);

} // namespace archc::cpu

#endif // ARCHC_PASSES_LOWERCPU_WINDOWS_H
