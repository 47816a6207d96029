//===- DepthwiseWindows.cpp - Depthwise convolution -----------------------===//
//
// A tile is some pixels of a line times one vector of channels, accumulators in registers. Channels outer, lines inner, so that one
// vector's taps and few lines of input are touched at a time. Lines of the window above or below the image are skipped. Every output
// is one fma chain in the order (kh, kw).
//
//===----------------------------------------------------------------------===//

#include "passes/LowerCpu/Windows.h"

#include "llvm/Support/raw_ostream.h"

namespace archc::cpu {

namespace {
class DepthwiseBuilder {
public:
  DepthwiseBuilder(Code &code, const BoundChain &chain, const DepthwiseWindows &windows, int64_t width, mlir::ValueRange in)
      : code(code), chain(chain), windows(windows), width(width), padded(windows.input.kind == Place::PaddedImage),
        context(in[0]), base(in[1]), stride(in[2]), taps(in[3]), firstLine(in[4]), lines(in[5]), height(in[6]), columns(in[7]),
        zeros(in[8]) {}

  void build() {
    lineBytes = padded ? code.integer((width + windows.kernelWidth - 1) * code.vectorBytes()) : code.multiply(stride, width);
    Value firstImage = code.divide(firstLine, height), firstY = code.remainder(firstLine, height);
    code.loop(code.integer(0), columns, code.lanes(), [&](Value column) {
      Value plane = code.divide(column, code.lanes());
      vectorTaps = code.advance(taps, code.multiply(plane, windows.kernelHeight * windows.kernelWidth * code.vectorBytes()));
      code.loop(code.integer(0), lines, code.integer(1), {firstImage, firstY}, [&](Value line, mlir::ValueRange at) {
        lineTiles(line, at[0], at[1], column);
        Value next = code.add(at[1], 1);
        Value ends = code.equal(next, height);
        return Values{code.select(ends, code.add(at[0], 1), at[0]), code.select(ends, code.integer(0), next)};
      });
    });
  }

private:
  void lineTiles(Value line, Value image, Value y, Value column) {
    const int64_t above = windows.kernelHeight / 2;
    lowRow = code.maximum(code.subtract(code.integer(above), y), code.integer(0));
    highRow = code.minimum(code.subtract(code.add(height, above), y), code.integer(windows.kernelHeight));
    top = code.add(y, -above);
    origin = columnOrigin(image, column);
    // Tiles as equal as possible: with widths that differ by one at most two loops are needed.
    const int64_t largest = code.target().vectorLength == 16 ? 14 : 8;
    const int64_t count = (width + largest - 1) / largest, small = width / count, largeCount = width % count;
    auto tiles = [&](int64_t begin, int64_t end, int64_t size) {
      if (begin < end)
        code.loop(code.integer(begin), code.integer(end), size, [&](Value x) { tile(line, x, size, column); });
    };
    tiles(0, largeCount * (small + 1), small + 1);
    tiles(largeCount * (small + 1), width, small);
  }

  /// Address of line 0 of the image at this vector of channels.
  Value columnOrigin(Value image, Value column) {
    if (!padded)
      return code.advance(code.advance(base, code.multiply(code.multiply(image, height), lineBytes)), code.multiply(column, 4));
    Value planeBytes = code.multiply(height, lineBytes);
    Value planes = code.divide(columns, code.lanes());
    Value plane = code.add(code.multiply(image, planes), code.divide(column, code.lanes()));
    return code.advance(base, code.multiply(plane, planeBytes));
  }

  Value pixel(Value line, Value x, int64_t offset) {
    if (padded) // column x of the padded line is pixel x - kw/2
      return code.load(code.advance(code.advance(line, code.multiply(x, code.vectorBytes())), offset * code.vectorBytes()));
    Value at = code.add(x, offset - windows.kernelWidth / 2);
    Value inside = code.both(code.less(code.integer(-1), at), code.less(at, code.integer(width)));
    return code.load(code.select(inside, code.advance(line, code.multiply(at, stride)), zeros));
  }

  void tile(Value line, Value x, int64_t size, Value column) {
    Values zero(size, code.splat(0.0));
    const int64_t kernelWidth = windows.kernelWidth;
    Values sums = code.loop(lowRow, highRow, code.integer(1), zero, [&](Value kernelRow, mlir::ValueRange carried) {
      Value inputLine = code.advance(origin, code.multiply(code.add(top, kernelRow), lineBytes));
      Value rowTaps = code.advance(vectorTaps, code.multiply(kernelRow, kernelWidth * code.vectorBytes()));
      Values factors, next(carried.begin(), carried.end());
      for (int64_t k = 0; k < kernelWidth; ++k)
        factors.push_back(code.load(code.advance(rowTaps, k * code.vectorBytes())));
      for (int64_t offset = 0; offset < size + kernelWidth - 1; ++offset) {
        Value value = pixel(inputLine, x, offset);
        for (int64_t t = std::max<int64_t>(0, offset - kernelWidth + 1); t <= std::min(offset, size - 1); ++t)
          next[t] = code.fma(value, factors[offset - t], next[t]);
      }
      return next;
    });
    ChainEmitter emitter(code, chain, context);
    emitter.moveTo(code.add(code.multiply(line, width), x), column);
    for (int64_t t = 0; t < size; ++t) {
      if (t)
        emitter.nextRow();
      emitter.emit(sums[t]);
    }
  }

  Code &code;
  const BoundChain &chain;
  const DepthwiseWindows &windows;
  int64_t width;
  bool padded;
  Value context, base, stride, taps, firstLine, lines, height, columns, zeros;
  Value lineBytes, vectorTaps, origin, lowRow, highRow, top; // of the current channels and line
};
} // namespace

void emitDepthwiseWindows(Code &code, const BoundChain &chain, const RowInput &input, const RowRange &range,
                          const DepthwiseArguments &arguments) {
  const DepthwiseWindows &windows = arguments.windows;
  const LineRange &lines = arguments.lines;
  std::string key;
  llvm::raw_string_ostream(key) << windows.kernelHeight << 'x' << windows.kernelWidth << 'w' << lines.width << 'k'
                                << windows.input.kind << chain.key;
  std::string name = sharedName("depthwise", key);
  const Code::ArgumentKind P = Code::Pointer, I = Code::Integer;
  if (!code.hasFunction(name))
    code.defineFunction(name, {P, P, I, P, I, I, I, I, P}, /*exported=*/false,
                        [&](mlir::ValueRange in) { DepthwiseBuilder(code, chain, windows, lines.width, in).build(); });
  code.call(name, {range.context, input.base, input.stride, arguments.taps, lines.firstLine, code.divide(range.rows, lines.width),
                   code.integer(lines.height), code.integer(range.columns), arguments.zeros});
}

} // namespace archc::cpu
