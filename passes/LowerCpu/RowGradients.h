//===- RowGradients.h - Segments of the backward pass ---------------------===//
//
// As in RowSegments.h.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_PASSES_LOWERCPU_ROWGRADIENTS_H
#define ARCHC_PASSES_LOWERCPU_ROWGRADIENTS_H

#include "passes/LowerCpu/RowSegments.h"

namespace archc::cpu {

/// `input`: one row per image, its base the operand itself; `firstRow`: global number of the block's first row.
struct SpreadArguments {
  Value firstRow;
  int64_t positions;
};
void emitSpreadImages(Code &code, const BoundChain &chain, const RowInput &input, const RowRange &range,
                      const SpreadArguments &arguments);

struct NormalizeGradArguments {
  RowRange range;
  NormalizeOptions options;
};
void emitNormalizeGradRows(Code &code, const BoundChain &chain, const RowInput &input, const RowInput &gradient,
                           const NormalizeGradArguments &arguments);

/// Sums over the image whose first rows the inputs are, into `scratch` of imageNormGradScratchBytes().
struct ImageNormSums {
  int64_t channels, groups, positions;
  double eps;
  Value scratch;
};
void emitImageNormSums(Code &code, const RowInput &input, const RowInput &gradient, const ImageNormSums &arguments);
int64_t imageNormGradScratchBytes(const CpuTarget &target, int64_t channels);

/// Rows [first, range.rows) of the block, all of that image.
struct ImageNormGradArguments {
  RowRange range;
  Value first, scratch;
};
void emitImageNormGrad(Code &code, const BoundChain &chain, const RowInput &input, const RowInput &gradient,
                       const ImageNormGradArguments &arguments);

/// The sum of each of `lines` lines of `width` rows, times the rows of `other` if given, to rows of `columns` at `output`.
struct LineSumArguments {
  Value lines;
  int64_t width, columns;
  Value output;
};
void emitLineSums(Code &code, const RowInput &input, const std::optional<RowInput> &other, const LineSumArguments &arguments);

struct LossArguments {
  RowRange range;
  LossRows::Kind kind;
  int64_t classes;
  bool gradient;
};
void emitLossRows(Code &code, const BoundChain &chain, const RowInput &logits, const RowInput &targets,
                  const LossArguments &arguments);

} // namespace archc::cpu

#endif // ARCHC_PASSES_LOWERCPU_ROWGRADIENTS_H
