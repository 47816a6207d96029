//===- Rows.h - A thread block at work on its rows ------------------------===//

#ifndef ARCHC_PASSES_LOWERCUDA_ROWS_H
#define ARCHC_PASSES_LOWERCUDA_ROWS_H

#include "passes/LowerCuda/GpuCode.h"
#include "passes/LowerCuda/RowsPlan.h"

namespace archc::cuda {

/// What the emitters of segments share: where rows are.
class Rows {
public:
  Rows(Code &code, const RowsKernel &kernel, mlir::ValueRange arguments);

  /// Number of row `row` of the block among all rows.
  Value globalRow(Value row) { return code.add(firstRow, row); }
  Value imageOf(Value row) { return code.divide(globalRow(row), positions); }
  Value positionOf(Value row) { return code.remainder(globalRow(row), code.integer(positions)); }

  /// Where row `row` of the block of a place starts. `channels`: of dense rows.
  Value rowAddress(const Place &place, Value row, int64_t channels);
  /// Where row `row` of the operand itself starts.
  Value operandRow(const Place &place, Value row, int64_t channels);
  /// The element of that row; of dense rows the last one stands in for what is beyond.
  Value load(const Place &place, Value rowStart, Value column, int64_t channels);

  /// Rows of the block, one per warp at a time; columns of a row, one per lane, up to those of whole panels.
  void forRows(llvm::function_ref<void(Value row)> body);
  void forColumns(int64_t channels, llvm::function_ref<void(Value column)> body);

  Value operand(unsigned index) { return operands[index]; }
  const ScratchHome &homeOf(const Place &place) const { return plan.homes[place.index]; }
  int64_t padded(int64_t channels) const { return code.target().padToPanel(channels); }
  /// Mean, and behind it 1/sqrt(variance + eps), of the row's image and the column's group.
  Value statistic(unsigned index, Value image, Value column);

  Code &code;
  const RowsKernel &kernel;
  RowsPlan plan;
  int64_t positions; // of one image
  llvm::SmallVector<Value> operands;
  Value firstRow, rows, firstImage;
};

/// Runs a chain on single elements.
class ChainEmitter {
public:
  ChainEmitter(Rows &rows, const Segment &segment);

  /// The columns that will be emitted, `atOnce` of them: what depends on the column alone is read here.
  void moveToColumns(llvm::ArrayRef<Value> columns);
  void moveToRow(Value row);
  /// Runs the chain on `value` of the current row and column `which` of those moved to.
  void emit(Value value, unsigned which = 0);

private:
  Value resolve(const Source &source, const Values &values, unsigned which);
  void store(Value value, const Place &place, unsigned which);

  Rows &rows;
  Code &code;
  const Chain &chain;
  int64_t channels;
  llvm::SmallVector<Value> columns;
  llvm::SmallVector<llvm::SmallVector<Value>> channelValues; // by number of the operand among all steps, by column
  Value row, image, position;
  bool needsImage = false;
};

void emitContraction(Rows &rows, const Segment &segment, const Contract &contract);
void emitSegment(Rows &rows, const Segment &segment, const LoadRows &body);
void emitSegment(Rows &rows, const Segment &segment, const GatherWindows &body);
void emitSegment(Rows &rows, const Segment &segment, const NormalizeRows &body);
void emitSegment(Rows &rows, const Segment &segment, const SpatialMatmul &body);
void emitSegment(Rows &rows, const Segment &segment, const DepthwiseWindows &body);
void emitSegment(Rows &rows, const Segment &segment, const PoolMix &body);
void emitSegment(Rows &rows, const Segment &segment, const AveragePool &body);
void emitSegment(Rows &rows, const Segment &segment, const LineStatistics &body);
/// Statistics of the images that the block's rows lie in, to shared memory.
void emitCombineStatistics(Rows &rows);

/// A place of a convolution's input from which one element is read.
struct Tap {
  Value address; // of an element that exists
  Value exists;  // whether it is the one asked for; else 0 is
};
/// The corner of a row's window, and its image.
struct Window {
  Value image, top, left;
};
Window windowOf(Rows &rows, const GatherWindows &windows, Value row);
Tap tapOf(Rows &rows, const GatherWindows &windows, const Window &window, Value k);

/// The body of a kernel; arguments as in device/gpu/Driver.h.
void emitRows(Code &code, const RowsKernel &kernel, mlir::ValueRange arguments);

} // namespace archc::cuda

#endif // ARCHC_PASSES_LOWERCUDA_ROWS_H
