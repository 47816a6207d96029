//===- ImageTables.h - What a kernel prepares per image or block ----------===//

#ifndef ARCHC_PASSES_LOWERCPU_IMAGETABLES_H
#define ARCHC_PASSES_LOWERCPU_IMAGETABLES_H

#include "passes/LowerCpu/RowSegments.h"

namespace archc::cpu {

/// A padded image as a sink of rows [firstRow, firstRow + rows).
struct PaddedImageSink {
  Value base, firstRow, rows, offsets; // offsets: out, one byte offset per row
  int64_t height, width, padding, columns;
};

/// Fills the offset table and zeroes the margins of the lines that begin in the block.
void emitPaddedImage(Code &code, const PaddedImageSink &sink);

/// Mean and M2 of each line and group, to [lines][groups][2] at `output`. `rows` is a whole number of lines.
struct LineStatisticsArguments {
  Value rows, output;
  int64_t width, channels, groups;
};
void emitLineStatistics(Code &code, const RowInput &input, const LineStatisticsArguments &arguments);

/// Combines the line statistics of one image at `lines` (Chan's formula in f64, in the order of lines) into `mean` and `rstd`: one
/// float each for one group, else channel vectors of `columns`.
struct CombineArguments {
  Value lines, mean, rstd;
  int64_t height, width, channels, columns, groups;
  double eps;
};
void emitCombineStatistics(Code &code, const CombineArguments &arguments);

/// Packs the `positions` rows of an image into panels [columns/NR][positions rounded up to VL][NR].
void emitPackRows(Code &code, const RowInput &input, int64_t positions, int64_t columns, Value output);

} // namespace archc::cpu

#endif // ARCHC_PASSES_LOWERCPU_IMAGETABLES_H
