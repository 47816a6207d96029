//===- Segments.cpp - The segments that are no contraction ----------------===//
//
// A warp per row, a lane per column. Sums run in a fixed order: along the window or the image, or as a tree over the lanes.
//
//===----------------------------------------------------------------------===//

#include "passes/LowerCuda/Rows.h"

namespace archc::cuda {

void emitSegment(Rows &rows, const Segment &segment, const LoadRows &body) {
  Code &code = rows.code;
  ChainEmitter chain(rows, segment);
  rows.forRows([&](Value row) {
    Value start = rows.rowAddress(body.input, row, body.channels);
    chain.moveToRow(row);
    rows.forColumns(body.channels, [&](Value column) {
      chain.moveToColumns({column});
      chain.emit(rows.load(body.input, start, column, body.channels));
    });
  });
}

void emitSegment(Rows &rows, const Segment &segment, const GatherWindows &body) {
  Code &code = rows.code;
  ChainEmitter chain(rows, segment);
  rows.forRows([&](Value row) {
    Window window = windowOf(rows, body, row);
    chain.moveToRow(row);
    rows.forColumns(body.channels(), [&](Value k) {
      Tap tap = tapOf(rows, body, window, k);
      chain.moveToColumns({k});
      chain.emit(code.select(tap.exists, code.loadScalar(tap.address), code.number(0)));
    });
  });
}

void emitSegment(Rows &rows, const Segment &segment, const NormalizeRows &body) {
  Code &code = rows.code;
  ChainEmitter chain(rows, segment);
  rows.forRows([&](Value row) {
    Value start = rows.rowAddress(body.input, row, body.channels);
    auto sum = [&](llvm::function_ref<Value(Value x, Value sum)> add) {
      Value zero = code.number(0), end = code.integer(body.channels);
      Values part = code.loop(code.lane(), end, code.integer(kWarp), {zero}, [&](Value column, mlir::ValueRange carried) {
        return Values{add(rows.load(body.input, start, column, body.channels), carried[0])};
      });
      return code.sumOfWarp(part[0]);
    };
    Value count = code.number(static_cast<double>(body.channels));
    Values shifts; // what each pass so far found the mean to be off
    auto deviation = [&](Value x) {
      for (Value shift : shifts)
        x = code.subtractF(x, shift);
      return x;
    };
    for (int pass = body.rms ? 2 : body.exactMean ? 0 : 1; pass < 2; ++pass)
      shifts.push_back(code.divideF(sum([&](Value x, Value carried) { return code.addF(carried, deviation(x)); }), count));
    Value squares = sum([&](Value x, Value carried) { return code.fma(deviation(x), deviation(x), carried); });
    Value variance = code.addF(code.divideF(squares, count), code.number(body.eps));
    Value factor = code.divideF(code.number(1), code.squareRoot(variance));
    chain.moveToRow(row);
    rows.forColumns(body.channels, [&](Value column) {
      Value x = rows.load(body.input, start, column, body.channels);
      chain.moveToColumns({column});
      chain.emit(code.multiplyF(deviation(x), factor));
    });
  });
}

void emitSegment(Rows &rows, const Segment &segment, const SpatialMatmul &body) {
  Code &code = rows.code;
  ChainEmitter chain(rows, segment);
  const int64_t block = code.target().vectorLength;
  rows.forRows([&](Value row) {
    Value first = code.multiply(rows.imageOf(row), rows.positions), line = rows.positionOf(row);
    chain.moveToRow(row);
    rows.forColumns(body.channels, [&](Value column) {
      auto product = [&](Value s, Value sum) {
        Value at = code.add(code.multiply(code.divide(s, block), rows.positions), line);
        at = code.add(code.multiply(at, block), code.remainder(s, code.integer(block)));
        Value x = code.loadElement(rows.operandRow(body.input, code.add(first, s), body.channels), column);
        return code.fma(code.loadElement(rows.operand(body.matrix), at), x, sum);
      };
      // Parts of 128, as a contraction adds them.
      Value zero = code.number(0), end = code.integer(rows.positions);
      Values sum = code.loop(code.integer(0), end, code.integer(128), {zero}, [&](Value from, mlir::ValueRange total) {
        Value to = code.minimum(code.add(from, 128), end);
        Values part = code.loop(from, to, code.integer(1), {zero},
                                [&](Value s, mlir::ValueRange carried) { return Values{product(s, carried[0])}; });
        return Values{code.addF(total[0], part[0])};
      });
      chain.moveToColumns({column});
      chain.emit(sum[0]);
    });
  });
}

namespace {
/// The part of a window around a row's position that lies in its image.
struct Surroundings {
  int64_t height, width;          // of the window
  Value image, y, x;              // of the row
  Value top, bottom, left, right; // offsets into the window
};

Surroundings surroundingsOf(Rows &rows, Value row, int64_t height, int64_t width) {
  Code &code = rows.code;
  Value position = rows.positionOf(row);
  Surroundings at;
  at.height = height;
  at.width = width;
  at.image = rows.imageOf(row);
  at.y = code.divide(position, rows.kernel.width);
  at.x = code.remainder(position, code.integer(rows.kernel.width));
  auto cut = [&](Value centre, int64_t window, int64_t size, Value &first, Value &last) {
    first = code.maximum(code.integer(0), code.subtract(code.integer(window / 2), centre));
    last = code.minimum(code.integer(window), code.subtract(code.integer(size + window / 2), centre));
  };
  cut(at.y, height, rows.kernel.height, at.top, at.bottom);
  cut(at.x, width, rows.kernel.width, at.left, at.right);
  return at;
}

/// Runs over the window's valid positions: `add(address of the row there, (dy, dx), sum)`.
Value sumOfWindow(Rows &rows, const Place &input, int64_t channels, const Surroundings &at,
                  llvm::function_ref<Value(Value rowStart, Value dy, Value dx, Value sum)> add) {
  Code &code = rows.code;
  Value one = code.integer(1);
  return code.loop(at.top, at.bottom, one, {code.number(0)}, [&](Value dy, mlir::ValueRange outer) {
    Value y = code.add(at.y, code.subtract(dy, code.integer(at.height / 2)));
    Value line = code.multiply(code.add(code.multiply(at.image, rows.kernel.height), y), rows.kernel.width);
    return code.loop(at.left, at.right, one, outer, [&](Value dx, mlir::ValueRange inner) {
      Value x = code.add(at.x, code.subtract(dx, code.integer(at.width / 2)));
      return Values{add(rows.operandRow(input, code.add(line, x), channels), dy, dx, inner[0])};
    });
  })[0];
}
} // namespace

void emitSegment(Rows &rows, const Segment &segment, const DepthwiseWindows &body) {
  Code &code = rows.code;
  ChainEmitter chain(rows, segment);
  const int64_t block = code.target().vectorLength, area = body.kernelHeight * body.kernelWidth;
  rows.forRows([&](Value row) {
    Surroundings at = surroundingsOf(rows, row, body.kernelHeight, body.kernelWidth);
    chain.moveToRow(row);
    rows.forColumns(body.channels, [&](Value column) {
      Value taps = code.add(code.multiply(code.divide(column, block), block * area), code.remainder(column, code.integer(block)));
      Value sum = sumOfWindow(rows, body.input, body.channels, at, [&](Value rowStart, Value dy, Value dx, Value carried) {
        Value tap = code.add(code.multiply(dy, body.kernelWidth), dx);
        Value weight = code.loadElement(rows.operand(body.taps), code.add(taps, code.multiply(tap, block)));
        return code.fma(rows.load(body.input, rowStart, column, body.channels), weight, carried);
      });
      chain.moveToColumns({column});
      chain.emit(sum);
    });
  });
}

void emitSegment(Rows &rows, const Segment &segment, const PoolMix &body) {
  Code &code = rows.code;
  ChainEmitter chain(rows, segment);
  rows.forRows([&](Value row) {
    Surroundings at = surroundingsOf(rows, row, body.size, body.size);
    Value count = code.toFloat(code.multiply(code.subtract(at.bottom, at.top), code.subtract(at.right, at.left)));
    Value start = rows.rowAddress(body.input, row, body.channels);
    chain.moveToRow(row);
    rows.forColumns(body.channels, [&](Value column) {
      Value sum = sumOfWindow(rows, body.input, body.channels, at, [&](Value rowStart, Value, Value, Value carried) {
        return code.addF(carried, rows.load(body.input, rowStart, column, body.channels));
      });
      Value centre = rows.load(body.input, start, column, body.channels);
      chain.moveToColumns({column});
      chain.emit(code.subtractF(code.divideF(sum, count), centre));
    });
  });
}

void emitSegment(Rows &rows, const Segment &segment, const AveragePool &body) {
  Code &code = rows.code;
  ChainEmitter chain(rows, segment);
  rows.forRows([&](Value row) {
    Value first = code.multiply(rows.globalRow(row), body.positions);
    chain.moveToRow(row);
    rows.forColumns(body.channels, [&](Value column) {
      // Parts of 16: one long chain of sums would round too often.
      constexpr int64_t part = 16;
      Value zero = code.number(0), end = code.integer(body.positions);
      Values sum = code.loop(code.integer(0), end, code.integer(part), {zero}, [&](Value from, mlir::ValueRange total) {
        Value to = code.minimum(code.add(from, part), end);
        Values own = code.loop(from, to, code.integer(1), {zero}, [&](Value position, mlir::ValueRange carried) {
          Value start = rows.operandRow(body.input, code.add(first, position), body.channels);
          return Values{code.addF(carried[0], rows.load(body.input, start, column, body.channels))};
        });
        return Values{code.addF(total[0], own[0])};
      });
      chain.moveToColumns({column});
      chain.emit(code.divideF(sum[0], code.number(static_cast<double>(body.positions))));
    });
  });
}

// ---- Statistics --------------------------------------------------------------------------------------------------------

void emitSegment(Rows &rows, const Segment &, const LineStatistics &body) {
  Code &code = rows.code;
  const int64_t width = rows.kernel.width, perGroup = body.channels / body.groups, count = width * perGroup;
  Value lines = code.divide(rows.rows, width);
  code.loop(code.warp(), code.multiply(lines, body.groups), kWarps, [&](Value number) {
    Value line = code.divide(number, body.groups), group = code.remainder(number, code.integer(body.groups));
    auto sum = [&](llvm::function_ref<Value(Value x, Value sum)> add) {
      Value zero = code.number(0);
      Values part =
          code.loop(code.lane(), code.integer(count), code.integer(kWarp), {zero}, [&](Value i, mlir::ValueRange carried) {
            Value row = code.add(code.multiply(line, width), code.divide(i, perGroup));
            Value column = code.add(code.multiply(group, perGroup), code.remainder(i, code.integer(perGroup)));
            Value x = rows.load(body.input, rows.rowAddress(body.input, row, body.channels), column, body.channels);
            return Values{add(x, carried[0])};
          });
      return code.sumOfWarp(part[0]);
    };
    Value total = sum([&](Value x, Value carried) { return code.addF(carried, x); });
    Value mean = code.divideF(total, code.number(static_cast<double>(count)));
    Value deviations = sum([&](Value x, Value carried) {
      Value deviation = code.subtractF(x, mean);
      return code.fma(deviation, deviation, carried);
    });
    Value entry = code.add(code.multiply(code.divide(rows.firstRow, width), body.groups), number);
    Value to = code.advance(rows.operand(body.output), code.multiply(entry, 8));
    code.ifThen(code.equal(code.lane(), code.integer(0)), [&] {
      code.storeScalar(mean, to);
      code.storeScalar(deviations, code.advance(to, 4));
    });
  });
}

/// Lines have equal counts: the mean is that of their means, the squares add up with those of the means' deviations.
static void combineStatistics(Rows &rows, unsigned index, Value images) {
  Code &code = rows.code;
  const ImageStatistics &statistics = rows.kernel.statistics[index];
  const int64_t height = rows.kernel.height, groups = statistics.groups;
  const double perLine = static_cast<double>(rows.kernel.width * (statistics.channels / groups));
  code.loop(code.warp(), code.multiply(images, groups), kWarps, [&](Value number) {
    Value image = code.add(rows.firstImage, code.divide(number, groups)), group = code.remainder(number, code.integer(groups));
    auto sum = [&](llvm::function_ref<Value(Value at, Value sum)> add) {
      Values part = code.loop(code.lane(), code.integer(height), code.integer(kWarp), {code.number(0)},
                              [&](Value line, mlir::ValueRange carried) {
                                Value entry = code.add(code.multiply(image, height), line);
                                entry = code.add(code.multiply(entry, groups), group);
                                Value at = code.advance(rows.operand(statistics.lines), code.multiply(entry, 8));
                                return Values{add(at, carried[0])};
                              });
      return code.sumOfWarp(part[0]);
    };
    Value mean = sum([&](Value at, Value carried) { return code.addF(carried, code.loadScalar(at)); });
    mean = code.divideF(mean, code.number(static_cast<double>(height)));
    Value squares = sum([&](Value at, Value carried) {
      Value deviation = code.subtractF(code.loadScalar(at), mean);
      Value own = code.loadScalar(code.advance(at, 4));
      return code.addF(carried, code.fma(code.multiplyF(deviation, deviation), code.number(perLine), own));
    });
    Value variance = code.divideF(squares, code.number(perLine * static_cast<double>(height)));
    Value rstd = code.divideF(code.number(1), code.squareRoot(code.addF(variance, code.number(statistics.eps))));
    Value to = code.advance(code.shared(rows.plan.statistics[index]), code.multiply(number, 8));
    code.ifThen(code.equal(code.lane(), code.integer(0)), [&] {
      code.storeScalar(mean, to);
      code.storeScalar(rstd, code.advance(to, 4));
    });
  });
}

void emitCombineStatistics(Rows &rows) {
  Code &code = rows.code;
  Value last = code.divide(code.subtract(code.add(rows.firstRow, rows.rows), code.integer(1)), rows.positions);
  Value images = code.add(code.subtract(last, rows.firstImage), 1);
  for (unsigned i = 0; i < rows.kernel.statistics.size(); ++i)
    combineStatistics(rows, i, images);
}

} // namespace archc::cuda
