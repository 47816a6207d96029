//===- ImageTables.cpp - What a kernel prepares per image or block --------===//

#include "passes/LowerCpu/ImageTables.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

namespace archc::cpu {

static const Code::ArgumentKind P = Code::Pointer, I = Code::Integer;

// ---- Padded images -----------------------------------------------------------------------------------------------------

namespace {
struct Margins {
  Value planes, planeBytes, marginBytes, rightBytes; // rightBytes: from the left margin to the right one
};
} // namespace

static void clearMargins(Code &code, Value line, const Margins &margins) {
  code.loop(code.integer(0), margins.planes, 1, [&](Value plane) {
    Value left = code.advance(line, code.multiply(plane, margins.planeBytes));
    Value right = code.advance(left, margins.rightBytes);
    code.loop(code.integer(0), margins.marginBytes, code.vectorBytes(), [&](Value offset) {
      code.store(code.splat(0.0), code.advance(left, offset));
      code.store(code.splat(0.0), code.advance(right, offset));
    });
  });
}

static void definePaddedImage(Code &code, mlir::ValueRange in) {
  Value base = in[0], firstRow = in[1], rows = in[2], offsets = in[3], height = in[4], width = in[5], padding = in[6],
        planes = in[7];
  Value pixelBytes = code.integer(code.vectorBytes());
  Value lineBytes = code.multiply(code.add(width, code.multiply(padding, 2)), pixelBytes);
  Value planeBytes = code.multiply(lineBytes, height);
  Value imageBytes = code.multiply(planeBytes, planes);
  Margins margins{planes, planeBytes, code.multiply(padding, pixelBytes), code.multiply(code.add(width, padding), pixelBytes)};
  Value perImage = code.multiply(height, width);
  Value image = code.divide(firstRow, perImage), position = code.remainder(firstRow, perImage);
  Value y = code.divide(position, width), x = code.remainder(position, width);
  code.loop(code.integer(0), rows, code.integer(1), {image, y, x}, [&](Value row, mlir::ValueRange at) {
    Value line = code.add(code.multiply(at[0], imageBytes), code.multiply(at[1], lineBytes));
    Value offset = code.add(line, code.multiply(code.add(at[2], padding), pixelBytes));
    code.storeSlot(offset, code.advance(offsets, code.multiply(row, 8)));
    code.ifThen(code.equal(at[2], code.integer(0)), [&] { clearMargins(code, code.advance(base, line), margins); });
    Value zero = code.integer(0), nextX = code.add(at[2], 1);
    Value lineEnds = code.equal(nextX, width);
    Value nextY = code.select(lineEnds, code.add(at[1], 1), at[1]);
    Value imageEnds = code.equal(nextY, height);
    return Values{code.select(imageEnds, code.add(at[0], 1), at[0]), code.select(imageEnds, zero, nextY),
                  code.select(lineEnds, zero, nextX)};
  });
}

void emitPaddedImage(Code &code, const PaddedImageSink &sink) {
  const char *name = "padded_image";
  if (!code.hasFunction(name))
    code.defineFunction(name, {P, I, I, P, I, I, I, I}, /*exported=*/false,
                        [&](mlir::ValueRange in) { definePaddedImage(code, in); });
  code.call(name, {sink.base, sink.firstRow, sink.rows, sink.offsets, code.integer(sink.height), code.integer(sink.width),
                   code.integer(sink.padding), code.integer(sink.columns / code.lanes())});
}

// ---- Statistics of lines -----------------------------------------------------------------------------------------------

namespace {
/// One group: vectors over channels, four positions at a time as independent sums.
class LineBuilder {
public:
  LineBuilder(Code &code, mlir::ValueRange in)
      : code(code), base(in[0]), stride(in[1]), lines(in[2]), width(in[3]), channels(in[4]), output(in[5]) {}

  void build() {
    last = code.multiply(code.divide(code.subtract(channels, code.integer(1)), code.lanes()), code.lanes());
    mask = code.laneMask(code.integer(0), code.subtract(channels, last));
    Value count = code.toFloat(code.multiply(width, channels));
    code.loop(code.integer(0), lines, 1, [&](Value line) {
      Value start = code.advance(base, code.multiply(code.multiply(line, width), stride));
      Value total = sum(start, [&](Value x, Value sum) { return code.addF(sum, x); });
      Value mean = code.divideF(total, count);
      Value centre = code.splat(mean);
      Value squares = sum(
          start,
          [&](Value x, Value sum) {
            Value d = code.subtractF(x, centre);
            return code.fma(d, d, sum);
          },
          centre);
      Value to = code.advance(output, code.multiply(line, 8));
      code.storeScalar(mean, to);
      code.storeScalar(squares, code.advance(to, 4));
    });
  }

private:
  using Add = llvm::function_ref<Value(Value x, Value sum)>;

  /// Lanes beyond the channels count as `filler` (zero when null).
  Value sum(Value start, Add add, Value filler = {}) {
    if (!filler)
      filler = code.splat(0.0);
    Value full = code.multiply(code.divide(width, 4), 4);
    Values zeros(4, code.splat(0.0));
    Values sums = code.loop(code.integer(0), full, code.integer(4), zeros,
                            [&](Value x, mlir::ValueRange carried) { return positions(start, x, carried, add, filler); });
    sums[0] = code.loop(full, width, code.integer(1), {sums[0]},
                        [&](Value x, mlir::ValueRange carried) { return positions(start, x, carried, add, filler); })[0];
    return code.sumOfLanes(code.addF(code.addF(sums[0], sums[1]), code.addF(sums[2], sums[3])));
  }

  Values positions(Value start, Value x, mlir::ValueRange carried, Add add, Value filler) {
    Values starts;
    for (size_t i = 0; i < carried.size(); ++i)
      starts.push_back(code.advance(start, code.multiply(code.add(x, i), stride)));
    Values sums = code.loop(code.integer(0), last, code.integer(code.lanes()), carried, [&](Value c, mlir::ValueRange inner) {
      Values next;
      for (size_t i = 0; i < inner.size(); ++i)
        next.push_back(add(code.load(code.advance(starts[i], code.multiply(c, 4))), inner[i]));
      return next;
    });
    for (size_t i = 0; i < sums.size(); ++i) {
      Value tail = code.load(code.advance(starts[i], code.multiply(last, 4)));
      sums[i] = add(code.select(mask, tail, filler), sums[i]);
    }
    return sums;
  }

  Code &code;
  Value base, stride, lines, width, channels, output;
  Value last, mask;
};
} // namespace

/// Several groups: one number at a time, in f64.
static void defineGroupedLines(Code &code, mlir::ValueRange in) {
  Value base = in[0], stride = in[1], lines = in[2], width = in[3], groupSize = in[4], output = in[5], groups = in[6];
  Value count = code.toDouble(code.multiply(width, groupSize));
  code.loop(code.integer(0), code.multiply(lines, groups), 1, [&](Value index) {
    Value line = code.divide(index, groups), group = code.remainder(index, groups);
    Value start = code.advance(base, code.multiply(code.multiply(line, width), stride));
    start = code.advance(start, code.multiply(code.multiply(group, groupSize), 4));
    auto sum = [&](llvm::function_ref<Value(Value x, Value sum)> add) {
      return code.loop(code.integer(0), width, code.integer(1), {code.number64(0)}, [&](Value x, mlir::ValueRange carried) {
        Value pixel = code.advance(start, code.multiply(x, stride));
        return code.loop(code.integer(0), groupSize, code.integer(1), carried, [&](Value c, mlir::ValueRange inner) {
          return Values{add(code.loadScalar64(code.advance(pixel, code.multiply(c, 4))), inner[0])};
        });
      })[0];
    };
    Value mean = code.divideF(sum([&](Value x, Value total) { return code.addF(total, x); }), count);
    Value squares = sum([&](Value x, Value total) {
      Value d = code.subtractF(x, mean);
      return code.fma(d, d, total);
    });
    Value to = code.advance(output, code.multiply(index, 8));
    code.storeScalar(code.narrow(mean), to);
    code.storeScalar(code.narrow(squares), code.advance(to, 4));
  });
}

void emitLineStatistics(Code &code, const RowInput &input, const LineStatisticsArguments &a) {
  Value lines = code.divide(a.rows, a.width);
  const char *name = a.groups == 1 ? "line_statistics" : "grouped_line_statistics";
  Values arguments{input.base, input.stride, lines, code.integer(a.width), code.integer(a.channels / a.groups), a.output};
  if (a.groups == 1) {
    if (!code.hasFunction(name))
      code.defineFunction(name, {P, I, I, I, I, P}, /*exported=*/false,
                          [&](mlir::ValueRange in) { LineBuilder(code, in).build(); });
  } else {
    arguments.push_back(code.integer(a.groups));
    if (!code.hasFunction(name))
      code.defineFunction(name, {P, I, I, I, I, P, I}, /*exported=*/false,
                          [&](mlir::ValueRange in) { defineGroupedLines(code, in); });
  }
  code.call(name, arguments);
}

// ---- Statistics of images ----------------------------------------------------------------------------------------------

static void defineCombine(Code &code, double eps, mlir::ValueRange in) {
  Value lines = in[0], meanOut = in[1], rstdOut = in[2], height = in[3], perLine = in[4], groups = in[5], spread = in[6];
  Value count = code.toDouble(perLine), images = code.toDouble(height);
  code.loop(code.integer(0), groups, 1, [&](Value group) {
    Value start = code.advance(lines, code.multiply(group, 8));
    Value step = code.multiply(groups, 8);
    auto line = [&](Value y, int64_t field) {
      return code.loadScalar64(code.advance(code.advance(start, code.multiply(y, step)), 4 * field));
    };
    Value zero = code.number64(0);
    Value total = code.loop(code.integer(0), height, code.integer(1), {zero},
                            [&](Value y, mlir::ValueRange carried) { return Values{code.addF(carried[0], line(y, 0))}; })[0];
    Value mean = code.divideF(total, images);
    Value squares = code.loop(code.integer(0), height, code.integer(1), {zero}, [&](Value y, mlir::ValueRange carried) {
      Value d = code.subtractF(line(y, 0), mean);
      return Values{code.addF(carried[0], code.fma(code.multiplyF(d, d), count, line(y, 1)))};
    })[0];
    Value variance = code.divideF(squares, code.multiplyF(count, images));
    Value root = code.squareRoot(code.addF(variance, code.number64(eps)));
    Value rstd = code.narrow(code.divideF(code.number64(1), root));
    mean = code.narrow(mean);
    Value first = code.multiply(group, spread);
    code.loop(first, code.add(first, spread), 1, [&](Value channel) {
      Value offset = code.multiply(channel, 4);
      code.storeScalar(mean, code.advance(meanOut, offset));
      code.storeScalar(rstd, code.advance(rstdOut, offset));
    });
  });
}

void emitCombineStatistics(Code &code, const CombineArguments &a) {
  std::string key;
  llvm::raw_string_ostream(key) << llvm::format("%a", a.eps);
  std::string name = sharedName("combine_statistics", key);
  if (!code.hasFunction(name))
    code.defineFunction(name, {P, P, P, I, I, I, I}, /*exported=*/false,
                        [&](mlir::ValueRange in) { defineCombine(code, a.eps, in); });
  const int64_t groupSize = a.channels / a.groups;
  if (a.groups > 1) // the padding of the channel vectors
    code.loop(code.integer(a.channels), code.integer(a.columns), 1, [&](Value channel) {
      code.storeScalar(code.number(0), code.advance(a.mean, code.multiply(channel, 4)));
      code.storeScalar(code.number(0), code.advance(a.rstd, code.multiply(channel, 4)));
    });
  code.call(name, {a.lines, a.mean, a.rstd, code.integer(a.height), code.integer(a.width * groupSize), code.integer(a.groups),
                   code.integer(a.groups == 1 ? 1 : groupSize)});
}

// ---- Panels of an image ------------------------------------------------------------------------------------------------

static void definePackRows(Code &code, mlir::ValueRange in) {
  Value base = in[0], stride = in[1], positions = in[2], columns = in[3], output = in[4];
  const int64_t panel = code.target().panelWidth();
  Value padded = code.multiply(code.divideUp(positions, code.integer(code.lanes())), code.lanes());
  code.loop(code.integer(0), columns, panel, [&](Value column) {
    Value to = code.advance(output, code.multiply(code.multiply(column, padded), 4));
    Value from = code.advance(base, code.multiply(column, 4));
    code.loop(code.integer(0), padded, 1, [&](Value position) {
      Value at = code.advance(to, code.multiply(position, 4 * panel));
      Value row = code.advance(from, code.multiply(position, stride));
      code.ifThenElse(
          code.less(position, positions),
          [&] {
            code.store(code.load(row), at);
            code.store(code.load(code.advance(row, code.vectorBytes())), code.advance(at, code.vectorBytes()));
          },
          [&] {
            code.store(code.splat(0.0), at);
            code.store(code.splat(0.0), code.advance(at, code.vectorBytes()));
          });
    });
  });
}

void emitPackRows(Code &code, const RowInput &input, int64_t positions, int64_t columns, Value output) {
  const char *name = "pack_rows";
  if (!code.hasFunction(name))
    code.defineFunction(name, {P, I, I, I, P}, /*exported=*/false, [&](mlir::ValueRange in) { definePackRows(code, in); });
  code.call(name, {input.base, input.stride, code.integer(positions), code.integer(columns), output});
}

} // namespace archc::cpu
