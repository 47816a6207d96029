//===- Contraction.cpp - The GEMM of a thread block -----------------------===//
//
// A tile of 64 rows and 64 columns at a time: 16 x 16 threads, each with 4 columns and every 16th row. Per 16 k the weights' panels, and
// A unless it is a value in shared memory, are staged in shared memory. An output is the sum of fma chains over 128 k each, in ascending
// order, whatever the rows and the block they fall into.
//
//===----------------------------------------------------------------------===//

#include "passes/LowerCuda/BuildGpuKernel.h"
#include "passes/LowerCuda/Rows.h"

namespace archc::cuda {

Window windowOf(Rows &rows, const GatherWindows &windows, Value row) {
  Code &code = rows.code;
  Value position = rows.positionOf(row);
  Value y = code.divide(position, rows.kernel.width), x = code.remainder(position, code.integer(rows.kernel.width));
  return {rows.imageOf(row), code.add(code.multiply(y, windows.strideHeight), -windows.paddingHeight),
          code.add(code.multiply(x, windows.strideWidth), -windows.paddingWidth)};
}

Tap tapOf(Rows &rows, const GatherWindows &windows, const Window &window, Value k) {
  Code &code = rows.code;
  Value tap = code.divide(k, windows.inputChannels), channel = code.remainder(k, code.integer(windows.inputChannels));
  Value y = code.add(window.top, code.divide(tap, windows.kernelWidth));
  Value x = code.add(window.left, code.remainder(tap, code.integer(windows.kernelWidth)));
  auto inside = [&](Value coordinate, int64_t size) {
    return code.both(code.less(code.integer(-1), coordinate), code.less(coordinate, code.integer(size)));
  };
  Value exists = code.both(inside(y, windows.inputHeight), inside(x, windows.inputWidth));
  exists = code.both(exists, code.less(k, code.integer(windows.channels())));
  Value line = code.add(code.multiply(window.image, windows.inputHeight), y);
  Value row = code.select(exists, code.add(code.multiply(line, windows.inputWidth), x), code.integer(0));
  return {code.element(rows.operandRow(windows.input, row, windows.inputChannels), channel), exists};
}

namespace {
class ContractionBuilder {
public:
  ContractionBuilder(Rows &rows, const Segment &segment, const Contract &contract)
      : rows(rows), code(rows.code), contract(contract), home(rows.homeOf(contract.input)), chain(rows, segment),
        depth(code.target().padToVector(contract.inputChannels)), columns(rows.padded(contract.channels)) {
    tileRows = std::min(kTileRows, (rows.plan.rows + 15) / 16 * 16);
    perThread = tileRows / 16;
    threadColumn = code.remainder(code.thread(), code.integer(16));
    threadRow = code.divide(code.thread(), 16);
  }

  void build() {
    code.loop(code.integer(0), rows.rows, tileRows, [&](Value firstRow) {
      placeRows(firstRow);
      code.loop(code.integer(0), code.integer(columns), kTileColumns, [&](Value firstColumn) {
        Values sums = multiply(firstColumn);
        finish(firstRow, firstColumn, sums);
      });
    });
  }

private:
  /// Rows of the tile beyond the block's end repeat its last one, so that nothing that is not there is read.
  Value rowOf(Value firstRow, int64_t number) {
    Value row = code.add(code.add(firstRow, threadRow), 16 * number);
    return code.minimum(row, code.subtract(rows.rows, code.integer(1)));
  }

  void placeRows(Value firstRow) {
    starts.clear();
    windows.clear();
    for (int64_t i = 0; i < perThread; ++i) {
      Value row = rowOf(firstRow, i);
      if (home.kind == ScratchHome::Windows)
        windows.push_back(windowOf(rows, gather(), row));
      else
        starts.push_back(rows.rowAddress(contract.input, row, contract.inputChannels));
    }
  }

  const GatherWindows &gather() const { return std::get<GatherWindows>(rows.kernel.segments[home.segment].body); }
  Value tileA(Value row) { return code.advance(code.shared(0), code.multiply(row, 4 * kTileStride)); }
  Value tileB(Value k) { return code.advance(code.shared(4 * kTileRows * kTileStride), code.multiply(k, 4 * kTileColumns)); }

  Values multiply(Value firstColumn) {
    constexpr int64_t segmentDepth = 128;
    const size_t count = 4 * perThread;
    Values zeros(count, code.number(0));
    Value end = code.integer(depth);
    return code.loop(code.integer(0), end, code.integer(segmentDepth), zeros, [&](Value first, mlir::ValueRange totals) {
      Value last = code.minimum(code.add(first, segmentDepth), end);
      Values part = code.loop(first, last, code.integer(kTileDepth), zeros, [&](Value k, mlir::ValueRange sums) {
        code.barrier();
        stageB(firstColumn, k);
        if (home.kind != ScratchHome::Shared)
          stageA(k);
        code.barrier();
        Values next(sums.begin(), sums.end());
        for (int64_t step = 0; step < kTileDepth; step += 4)
          addStep(k, step, next);
        return next;
      });
      Values next;
      for (size_t i = 0; i < count; ++i)
        next.push_back(code.addF(totals[i], part[i]));
      return next;
    });
  }

  /// Every thread brings four weights of one k. Columns beyond the last panel repeat it; nobody reads their sums.
  void stageB(Value firstColumn, Value k) {
    const int64_t width = code.target().panelWidth();
    Value column = code.add(firstColumn, code.multiply(threadColumn, 4));
    Value panel = code.minimum(code.divide(column, width), code.integer(columns / width - 1));
    Value line = code.add(code.multiply(panel, depth), code.add(k, threadRow));
    Value within = code.remainder(column, code.integer(width));
    Value from = code.element(rows.operand(contract.weights), code.add(code.multiply(line, width), within));
    code.storeFour(code.loadFour(from), code.advance(tileB(threadRow), code.multiply(threadColumn, 16)));
  }

  void stageA(Value firstK) {
    Value k = code.add(firstK, threadColumn);
    for (int64_t i = 0; i < perThread; ++i)
      code.storeScalar(valueOfA(i, k), code.element(tileA(code.add(threadRow, 16 * i)), threadColumn));
  }

  Value valueOfA(int64_t number, Value k) {
    if (home.kind == ScratchHome::Windows) {
      Tap tap = tapOf(rows, gather(), windows[number], k);
      return code.select(tap.exists, code.loadScalar(tap.address), code.number(0));
    }
    Value value = rows.load(contract.input, starts[number], k, contract.inputChannels);
    const bool mayEnd = home.place.kind == Place::Dense && contract.inputChannels % kTileDepth != 0;
    return mayEnd ? code.select(code.less(k, code.integer(contract.inputChannels)), value, code.number(0)) : value;
  }

  /// Four k, from `step` of the tile on.
  void addStep(Value k, int64_t step, Values &sums) {
    llvm::SmallVector<Values, 4> a, b;
    for (int64_t i = 0; i < perThread; ++i)
      a.push_back(code.loadFour(home.kind == ScratchHome::Shared ? code.element(starts[i], code.add(k, step))
                                                                 : code.advance(tileA(code.add(threadRow, 16 * i)), 4 * step)));
    for (int64_t j = 0; j < 4; ++j)
      b.push_back(code.loadFour(code.advance(tileB(code.integer(step + j)), code.multiply(threadColumn, 16))));
    for (int64_t j = 0; j < 4; ++j)
      for (int64_t i = 0; i < perThread; ++i)
        for (int64_t c = 0; c < 4; ++c)
          sums[4 * i + c] = code.fma(a[i][j], b[j][c], sums[4 * i + c]);
  }

  void finish(Value firstRow, Value firstColumn, const Values &sums) {
    Value column = code.add(firstColumn, code.multiply(threadColumn, 4));
    code.ifThen(code.less(column, code.integer(columns)), [&] {
      chain.moveToColumns({column, code.add(column, 1), code.add(column, 2), code.add(column, 3)});
      for (int64_t i = 0; i < perThread; ++i) {
        Value row = code.add(code.add(firstRow, threadRow), 16 * i);
        code.ifThen(code.less(row, rows.rows), [&] {
          chain.moveToRow(row);
          for (int64_t c = 0; c < 4; ++c)
            chain.emit(sums[4 * i + c], c);
        });
      }
    });
  }

  Rows &rows;
  Code &code;
  const Contract &contract;
  const ScratchHome &home;
  ChainEmitter chain;
  int64_t depth, columns, tileRows, perThread;
  Value threadColumn, threadRow;
  llvm::SmallVector<Value> starts;
  llvm::SmallVector<Window> windows;
};
} // namespace

void emitContraction(Rows &rows, const Segment &segment, const Contract &contract) {
  ContractionBuilder(rows, segment, contract).build();
}

} // namespace archc::cuda
