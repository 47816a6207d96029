//===- RowSegments.h - Segments that work on one row at a time ------------===//
//
// Each emits a call of a shared internal function and defines that function at its first use. Rows are those of the block; a row
// yields `columns` values (channels rounded up to the panel width), each followed by the chain.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_PASSES_LOWERCPU_ROWSEGMENTS_H
#define ARCHC_PASSES_LOWERCPU_ROWSEGMENTS_H

#include "passes/LowerCpu/Chain.h"

namespace archc::cpu {

struct RowInput {
  BoundPlace::Kind kind; // Rows, Dense or Blocked
  Value base, stride;    // of the block's first row; stride as in BoundPlace
};

struct RowRange {
  Value context, rows;
  int64_t channels, columns;
};

void emitLoadRows(Code &code, const BoundChain &chain, const RowInput &input, const RowRange &range);

struct NormalizeOptions {
  double eps;
  bool rms;
  bool exactMean = false; // take the rounding of the mean off again: one more pass over the row
};
void emitNormalizeRows(Code &code, const BoundChain &chain, const RowInput &input, const RowRange &range,
                       const NormalizeOptions &options);

/// `input.stride` separates positions; images follow one another.
void emitAveragePool(Code &code, const BoundChain &chain, const RowInput &input, const RowRange &range, int64_t positions);

} // namespace archc::cpu

#endif // ARCHC_PASSES_LOWERCPU_ROWSEGMENTS_H
