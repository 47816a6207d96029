//===- PoolMix.cpp - Average of the window minus the centre ---------------===//
//
// Per line: sums over the window's valid lines into scratch (with zero margins left and right), then sums along the line, divided by
// the number of valid positions. Separable, so 2 * size instead of size^2 additions. The adjoint divides every position by the size of
// its own window before the sums.
//
//===----------------------------------------------------------------------===//

#include "passes/LowerCpu/Windows.h"

namespace archc::cpu {

int64_t poolScratchBytes(const CpuTarget &target, int64_t channels, int64_t width, int64_t size) {
  return 4 * target.padToPanel(channels) * (width + size - 1);
}

namespace {
class PoolBuilder {
public:
  PoolBuilder(Code &code, const BoundChain &chain, const PoolArguments &arguments, mlir::ValueRange in)
      : code(code), chain(chain), size(arguments.size), half(size / 2), adjoint(arguments.adjoint), context(in[0]), base(in[1]),
        stride(in[2]), scratch(in[3]), firstLine(in[4]), lines(in[5]), height(in[6]), width(in[7]), columns(in[8]) {}

  void build() {
    lineBytes = code.multiply(stride, width);
    pixelBytes = code.multiply(columns, 4);
    clearMargins();
    code.loop(code.integer(0), lines, 1, [&](Value line) {
      Value global = code.add(firstLine, line);
      Value y = code.remainder(global, height);
      Value low = code.maximum(code.subtract(code.integer(half), y), code.integer(0));
      Value high = code.minimum(code.subtract(code.add(height, half), y), code.integer(size));
      Value centre = code.advance(base, code.multiply(global, lineBytes));
      adjoint ? sumScaledLines(centre, y, low, high) : sumLines(centre, low, high);
      sumAlong(line, centre, code.subtract(high, low));
    });
  }

private:
  void clearMargins() {
    Value margin = code.multiply(pixelBytes, half);
    Value right = code.advance(scratch, code.multiply(pixelBytes, code.add(width, half)));
    code.loop(code.integer(0), margin, code.vectorBytes(), [&](Value offset) {
      code.store(code.splat(0.0), code.advance(scratch, offset));
      code.store(code.splat(0.0), code.advance(right, offset));
    });
  }

  void sumLines(Value centre, Value low, Value high) {
    code.loop(code.integer(0), width, 1, [&](Value x) {
      Value from = code.advance(centre, code.multiply(x, stride));
      Value to = code.advance(scratch, code.multiply(pixelBytes, code.add(x, half)));
      code.loop(code.integer(0), pixelBytes, code.vectorBytes(), [&](Value offset) {
        Value start = code.advance(from, offset);
        Value sum = code.loop(low, high, code.integer(1), {code.splat(0.0)}, [&](Value row, mlir::ValueRange carried) {
          Value at = code.advance(start, code.multiply(code.add(row, -half), lineBytes));
          return Values{code.addF(carried[0], code.load(at))};
        })[0];
        code.store(sum, code.advance(to, offset));
      });
    });
  }

  /// Positions of a window along one axis that lie inside the map.
  Value validAround(Value centre, Value extent) {
    return code.subtract(code.minimum(code.add(centre, half + 1), extent),
                         code.maximum(code.add(centre, -half), code.integer(0)));
  }

  void sumScaledLines(Value centre, Value y, Value low, Value high) {
    code.loop(code.integer(0), width, 1, [&](Value x) {
      Value from = code.advance(centre, code.multiply(x, stride));
      Value to = code.advance(scratch, code.multiply(pixelBytes, code.add(x, half)));
      Value columnCount = validAround(x, width);
      code.loop(code.integer(0), pixelBytes, code.vectorBytes(),
                [&](Value offset) { code.store(code.splat(0.0), code.advance(to, offset)); });
      code.loop(low, high, 1, [&](Value row) {
        Value shift = code.add(row, -half);
        Value count = code.toFloat(code.multiply(validAround(code.add(y, shift), height), columnCount));
        Value factor = code.splat(code.divideF(code.number(1), count));
        Value line = code.advance(from, code.multiply(shift, lineBytes));
        code.loop(code.integer(0), pixelBytes, code.vectorBytes(), [&](Value offset) {
          Value sum = code.advance(to, offset);
          code.store(code.fma(code.load(code.advance(line, offset)), factor, code.load(sum)), sum);
        });
      });
    });
  }

  void sumAlong(Value line, Value centre, Value validLines) {
    code.loop(code.integer(0), width, 1, [&](Value x) {
      Value first = code.maximum(code.add(x, -half), code.integer(0));
      Value last = code.minimum(code.add(x, half + 1), width);
      Value count = code.splat(code.toFloat(code.multiply(validLines, code.subtract(last, first))));
      Value from = code.advance(scratch, code.multiply(pixelBytes, x));
      Value pixel = code.advance(centre, code.multiply(x, stride));
      ChainEmitter emitter(code, chain, context);
      emitter.moveTo(code.add(code.multiply(line, width), x), code.integer(0));
      code.loop(code.integer(0), columns, code.lanes(), [&](Value column) {
        Value offset = code.multiply(column, 4);
        Value start = code.advance(from, offset);
        Value sum = code.load(start);
        for (int64_t k = 1; k < size; ++k)
          sum = code.addF(sum, code.load(code.advance(start, code.multiply(pixelBytes, k))));
        ChainEmitter here = emitter;
        here.moveToColumn(column);
        here.emit(code.subtractF(adjoint ? sum : code.divideF(sum, count), code.load(code.advance(pixel, offset))));
      });
    });
  }

  Code &code;
  const BoundChain &chain;
  int64_t size, half;
  bool adjoint;
  Value context, base, stride, scratch, firstLine, lines, height, width, columns;
  Value lineBytes, pixelBytes;
};
} // namespace

void emitPoolMix(Code &code, const BoundChain &chain, const RowInput &input, const RowRange &range,
                 const PoolArguments &arguments) {
  const LineRange &lines = arguments.lines;
  std::string name = sharedName((arguments.adjoint ? "pool_adjoint" : "pool") + std::to_string(arguments.size), chain.key);
  const Code::ArgumentKind P = Code::Pointer, I = Code::Integer;
  if (!code.hasFunction(name))
    code.defineFunction(name, {P, P, I, P, I, I, I, I, I}, /*exported=*/false,
                        [&](mlir::ValueRange in) { PoolBuilder(code, chain, arguments, in).build(); });
  code.call(name,
            {range.context, input.base, input.stride, arguments.scratch, lines.firstLine, code.divide(range.rows, lines.width),
             code.integer(lines.height), code.integer(lines.width), code.integer(range.columns)});
}

} // namespace archc::cpu
