//===- BatchSums.cpp - Sums over the rows or images of a batch ------------===//

#include "passes/LowerCpu/GradientKernels.h"
#include "passes/LowerCpu/OuterProduct.h"
#include "passes/LowerCpu/RowGradients.h"

namespace archc::cpu {

static const Code::ArgumentKind P = Code::Pointer, I = Code::Integer;

static Value operandOf(Code &code, const KernelArguments &in, unsigned index) {
  return code.loadPointer(code.advance(in.buffers, 8 * static_cast<int64_t>(index)));
}

namespace {
struct SumStrip {
  Value rows, sums, offset;
};
struct SumRange {
  Value rows, sums, first, last;
};
} // namespace

// ---- Per channel -------------------------------------------------------------------------------------------------------

/// sums[column] += one chain over `rows` rows, for `vectors` neighbouring vectors at a time.
static void defineSumStrip(Code &code, int64_t vectors, bool isProduct, mlir::ValueRange in) {
  Value x = in[0], stride = in[1], rows = in[2], sums = in[3], other = in[4], otherStride = in[5];
  Values start{x, other};
  start.append(vectors, code.splat(0.0));
  Values results = code.loop(code.integer(0), rows, code.integer(1), start, [&](Value, mlir::ValueRange carried) {
    Values next{code.advance(carried[0], stride), code.advance(carried[1], otherStride)};
    for (int64_t v = 0; v < vectors; ++v) {
      Value value = code.load(code.advance(carried[0], v * code.vectorBytes())), sum = carried[2 + v];
      next.push_back(isProduct ? code.fma(value, code.load(code.advance(carried[1], v * code.vectorBytes())), sum)
                               : code.addF(sum, value));
    }
    return next;
  });
  for (int64_t v = 0; v < vectors; ++v) {
    Value at = code.advance(sums, v * code.vectorBytes());
    code.store(code.addF(code.load(at), results[2 + v]), at);
  }
}

/// `vectors` neighbouring vectors of all rows.
static void emitSumStrip(Code &code, int64_t vectors, const RowInput &x, const std::optional<RowInput> &other,
                         const SumStrip &strip) {
  std::string name = (other ? "dot_strip" : "sum_strip") + std::to_string(vectors);
  if (!code.hasFunction(name))
    code.defineFunction(name, {P, I, I, P, P, I}, /*exported=*/false,
                        [&](mlir::ValueRange in) { defineSumStrip(code, vectors, other.has_value(), in); });
  const RowInput &second = other ? *other : x;
  code.call(name, {code.advance(x.base, strip.offset), x.stride, strip.rows, code.advance(strip.sums, strip.offset),
                   code.advance(second.base, strip.offset), second.stride});
}

/// sums[first, last) += one chain over the rows of x, or of x times other, for each column; offsets in bytes, in whole panels.
static void emitSumRows(Code &code, const RowInput &x, const std::optional<RowInput> &other, const SumRange &range) {
  const int64_t wide = 8 * code.vectorBytes();
  Value middle = code.add(range.first, code.multiply(code.divide(code.subtract(range.last, range.first), wide), wide));
  code.loop(range.first, middle, wide, [&](Value offset) { emitSumStrip(code, 8, x, other, {range.rows, range.sums, offset}); });
  code.loop(middle, range.last, 2 * code.vectorBytes(), [&](Value offset) {
    emitSumStrip(code, 2, x, other, {range.rows, range.sums, offset});
  });
}

void emitLineSums(Code &code, const RowInput &input, const std::optional<RowInput> &other, const LineSumArguments &a) {
  Value width = code.integer(a.width), end = code.integer(4 * a.columns);
  code.loop(code.integer(0), a.lines, 1, [&](Value line) {
    auto lineOf = [&](const RowInput &map) {
      return RowInput{map.kind, code.advance(map.base, code.multiply(code.multiply(line, width), map.stride)), map.stride};
    };
    Value sums = code.advance(a.output, code.multiply(line, end));
    code.loop(code.integer(0), end, code.vectorBytes(),
              [&](Value offset) { code.store(code.splat(0.0), code.advance(sums, offset)); });
    std::optional<RowInput> second;
    if (other)
      second = lineOf(*other);
    emitSumRows(code, lineOf(input), second, {width, sums, code.integer(0), end});
  });
}

namespace {
class ChannelSumBuilder {
public:
  ChannelSumBuilder(Code &code, const ChannelSumKernel &kernel, const KernelArguments &in)
      : code(code), kernel(kernel), in(in), columns(code.target().padToPanel(kernel.channels)) {}

  void build() {
    const int64_t panelBytes = 4 * code.target().panelWidth();
    Value first = kernel.total ? code.integer(0) : code.multiply(in.begin, panelBytes);
    Value last = kernel.total ? code.integer(4 * columns) : code.multiply(in.end, panelBytes);
    code.loop(first, last, code.vectorBytes(),
              [&](Value offset) { code.store(code.splat(0.0), code.advance(in.scratch, offset)); });
    Value rows = code.multiply(in.batch, kernel.positions);
    code.loop(code.integer(0), rows, kChunkRows, [&](Value row) {
      Value count = code.minimum(code.integer(kChunkRows), code.subtract(rows, row));
      std::optional<RowInput> other;
      if (kernel.other)
        other = rowsAt(*kernel.other, row);
      emitSumRows(code, rowsAt(kernel.x, row), other, {count, in.scratch, first, last});
    });
    kernel.total ? writeTotal() : writeChannels(first, last);
  }

private:
  RowInput rowsAt(const Place &place, Value row) {
    Value base = code.advance(operandOf(code, in, place.index), code.multiply(row, 4 * place.stride));
    return {BoundPlace::Rows, base, code.integer(4 * place.stride)};
  }

  void writeChannels(Value first, Value last) {
    Value to = operandOf(code, in, kernel.output);
    code.loop(first, code.minimum(last, code.integer(4 * kernel.channels)), 4, [&](Value offset) {
      code.storeScalar(code.loadScalar(code.advance(in.scratch, offset)), code.advance(to, offset));
    });
  }

  void writeTotal() {
    Value sum = code.loop(code.integer(0), code.integer(columns), code.integer(code.lanes()), {code.splat(0.0)},
                          [&](Value column, mlir::ValueRange carried) {
                            Value value = code.load(code.advance(in.scratch, code.multiply(column, 4)));
                            Value mask = code.laneMask(code.integer(0), code.subtract(code.integer(kernel.channels), column));
                            return Values{code.addF(carried[0], code.select(mask, value, code.splat(0.0)))};
                          })[0];
    code.storeScalar(code.sumOfLanes(sum), operandOf(code, in, kernel.output));
  }

  Code &code;
  const ChannelSumKernel &kernel;
  const KernelArguments &in;
  int64_t columns;
};
} // namespace

int64_t channelSumScratchBytes(const ChannelSumKernel &kernel, const CpuTarget &target) {
  return 4 * target.padToPanel(kernel.channels);
}

int64_t channelSumIterations(const ChannelSumKernel &kernel, const CpuTarget &target) {
  return kernel.total ? 1 : target.padToPanel(kernel.channels) / target.panelWidth();
}

void emitChannelSum(Code &code, const ChannelSumKernel &kernel, const KernelArguments &arguments) {
  ChannelSumBuilder(code, kernel, arguments).build();
}

// ---- Per position ------------------------------------------------------------------------------------------------------

/// VL positions times VL channels at a time, transposed for the store. One iteration: VL positions.
static void sumPositions(Code &code, const BatchSumKernel &kernel, const KernelArguments &in, Value first) {
  const int64_t lanes = code.lanes(), imageBytes = 4 * kernel.x.stride * kernel.positions;
  Value x = operandOf(code, in, kernel.x.index), to = operandOf(code, in, kernel.output);
  Value valid = code.subtract(code.integer(kernel.positions), first), mask = code.laneMask(code.integer(0), valid);
  Values offsets; // positions that do not exist read the last one's rows
  for (int64_t i = 0; i < lanes; ++i) {
    Value position = code.minimum(code.add(first, i), code.integer(kernel.positions - 1));
    offsets.push_back(code.multiply(position, 4 * kernel.x.stride));
  }
  code.loop(code.integer(0), code.integer(kernel.channels), lanes, [&](Value channel) {
    Values sums(lanes, code.splat(0.0));
    sums = code.loop(code.integer(0), in.batch, code.integer(1), sums, [&](Value image, mlir::ValueRange carried) {
      Value start = code.advance(code.advance(x, code.multiply(image, imageBytes)), code.multiply(channel, 4));
      Values next;
      for (int64_t i = 0; i < lanes; ++i)
        next.push_back(code.addF(carried[i], code.load(code.advance(start, offsets[i]))));
      return next;
    });
    code.transpose(sums);
    for (int64_t i = 0; i < lanes; ++i) {
      Value row = code.add(channel, i);
      code.ifThen(code.less(row, code.integer(kernel.channels)), [&] {
        Value at = code.advance(to, code.multiply(code.add(code.multiply(row, kernel.positions), first), 4));
        code.storeMasked(sums[i], at, mask);
      });
    }
  });
}

/// One number per position: images and channels are added in order.
static void sumPositionTotals(Code &code, const BatchSumKernel &kernel, const KernelArguments &in, Value first) {
  Value x = operandOf(code, in, kernel.x.index), to = operandOf(code, in, kernel.output);
  Value last = code.minimum(code.add(first, code.lanes()), code.integer(kernel.positions));
  code.loop(first, last, 1, [&](Value position) {
    Value sum =
        code.loop(code.integer(0), in.batch, code.integer(1), {code.splat(0.0)}, [&](Value image, mlir::ValueRange carried) {
          Value row = code.add(code.multiply(image, kernel.positions), position);
          Value start = code.advance(x, code.multiply(row, 4 * kernel.x.stride));
          return code.loop(code.integer(0), code.integer(kernel.channels), code.integer(code.lanes()), carried,
                           [&](Value channel, mlir::ValueRange inner) {
                             Value mask = code.laneMask(code.integer(0), code.subtract(code.integer(kernel.channels), channel));
                             Value value = code.load(code.advance(start, code.multiply(channel, 4)));
                             return Values{code.addF(inner[0], code.select(mask, value, code.splat(0.0)))};
                           });
        })[0];
    code.storeScalar(code.sumOfLanes(sum), code.advance(to, code.multiply(position, 4)));
  });
}

int64_t batchSumIterations(const BatchSumKernel &kernel, const CpuTarget &target) {
  return target.padToVector(kernel.positions) / target.vectorLength;
}

void emitBatchSum(Code &code, const BatchSumKernel &kernel, const KernelArguments &in) {
  code.loop(in.begin, in.end, 1, [&](Value group) {
    Value first = code.multiply(group, code.lanes());
    kernel.total ? sumPositionTotals(code, kernel, in, first) : sumPositions(code, kernel, in, first);
  });
}

} // namespace archc::cpu
