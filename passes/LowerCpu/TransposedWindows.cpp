//===- TransposedWindows.cpp - Input gradient of strided convolutions ------===//
//
// For each tap, the rows of dy that it takes to positions of the block are collected in blocked form, with the addresses of those
// positions beside them; the contraction adds to what is there. No product with a zero between strided positions is made.
//
//===----------------------------------------------------------------------===//

#include "passes/LowerCpu/Contraction.h"
#include "passes/LowerCpu/Windows.h"

#include "llvm/Support/raw_ostream.h"

namespace archc::cpu {

namespace {
struct TransposedLayout {
  int64_t rows = 0; // that one tap reaches in a block, at most; rounded as in RowsLayout
  int64_t blocks = 0, addresses = 0, bytes = 0;

  TransposedLayout(const CpuTarget &target, const TransposedWindows &w, const RowsKernel &kernel) {
    const int64_t lines = kernel.rowBlock / kernel.width;
    // Every strideHeight-th line of an image; a block may begin or end inside one.
    const int64_t reached = std::min(lines, lines / w.strideHeight + lines / kernel.height + 2);
    const int64_t perLine = 16 / target.vectorLength, count = reached * w.inputWidth;
    rows = ((count + perLine - 1) / perLine | 1) * perLine;
    auto allocate = [&](int64_t size) {
      int64_t offset = bytes;
      bytes += (size + 63) / 64 * 64;
      return offset;
    };
    blocks = allocate(4 * rows * target.padToVector(w.inputChannels));
    addresses = allocate(8 * rows);
  }
};

class TransposedBuilder {
public:
  TransposedBuilder(Code &code, const TransposedArguments &arguments, mlir::ValueRange in)
      : code(code), w(arguments.windows), kernel(arguments.kernel), layout(code.target(), w, kernel), base(in[0]), stride(in[1]),
        weights(in[2]), firstLine(in[3]), lines(in[4]), output(in[5]), outputStride(in[6]), scratch(in[7]) {
    Place there{Place::Scattered};
    chain = bindChain({{{"mf.add", {Source::value(), Source::same(there)}}}, {{1, there}}}, {});
  }

  void build() {
    context = code.stackSlots(chain.slots.size());
    for (const BoundPlace &place : chain.places)
      code.storeSlot(code.advance(scratch, layout.addresses), code.advance(context, 8 * place.slot));
    clearOutput();
    code.loop(code.integer(0), code.integer(w.kernelHeight * w.kernelWidth), 1, [&](Value tap) {
      Value count = collect(tap);
      code.ifThen(code.less(code.integer(0), count), [&] { contract(tap, count); });
    });
  }

private:
  void clearOutput() {
    const int64_t columns = code.target().padToPanel(w.channels);
    code.loop(code.integer(0), code.multiply(lines, kernel.width), 1, [&](Value row) {
      Value to = code.advance(output, code.multiply(row, outputStride));
      code.loop(code.integer(0), code.integer(4 * columns), code.vectorBytes(),
                [&](Value offset) { code.store(code.splat(0.0), code.advance(to, offset)); });
    });
  }

  /// Collects the rows of dy that `tap` of the adjoint weight takes to the block; returns their number. Position p of dy goes to
  /// p * stride + shift.
  Value collect(Value tap) {
    Value shiftY = code.subtract(code.integer(w.kernelHeight - 1 - w.paddingHeight), code.divide(tap, w.kernelWidth));
    Value shiftX =
        code.subtract(code.integer(w.kernelWidth - 1 - w.paddingWidth), code.remainder(tap, code.integer(w.kernelWidth)));
    Value zero = code.integer(0);
    // Columns of dy whose position lies inside the line.
    Value first = code.divideUp(code.maximum(code.subtract(zero, shiftX), zero), code.integer(w.strideWidth));
    Value room = code.maximum(code.subtract(code.integer(kernel.width), shiftX), zero);
    Value last = code.minimum(code.divideUp(room, code.integer(w.strideWidth)), code.integer(w.inputWidth));
    Value perLine = code.maximum(code.subtract(last, first), zero);
    return code.loop(zero, lines, code.integer(1), {zero}, [&](Value line, mlir::ValueRange carried) {
      Value global = code.add(firstLine, line);
      Value from = code.subtract(code.remainder(global, code.integer(kernel.height)), shiftY);
      Value source = code.divide(code.maximum(from, zero), w.strideHeight);
      Value isReached = code.both(code.less(code.integer(-1), from), code.less(source, code.integer(w.inputHeight)));
      isReached = code.both(isReached, code.equal(code.multiply(source, w.strideHeight), from));
      Value count = code.select(isReached, perLine, zero);
      Value inputLine = code.add(code.multiply(code.divide(global, kernel.height), w.inputHeight), source);
      code.loop(zero, count, 1, [&](Value i) {
        Value column = code.add(first, i), number = code.add(carried[0], i);
        Value position = code.add(code.multiply(line, kernel.width), code.add(code.multiply(column, w.strideWidth), shiftX));
        code.storeSlot(code.advance(output, code.multiply(position, outputStride)),
                       code.advance(code.advance(scratch, layout.addresses), code.multiply(number, 8)));
        copyRow(code.advance(base, code.multiply(code.add(code.multiply(inputLine, w.inputWidth), column), stride)), number);
      });
      return Values{code.add(carried[0], count)};
    })[0];
  }

  /// Into the blocked form; lanes beyond the channels become zeros.
  void copyRow(Value from, Value number) {
    Value to = code.advance(scratch, code.add(code.multiply(number, code.vectorBytes()), code.integer(layout.blocks)));
    code.loop(code.integer(0), code.integer(w.inputChannels), code.lanes(), [&](Value channel) {
      Value at = code.advance(from, code.multiply(channel, 4));
      Value mask = code.laneMask(code.integer(0), code.subtract(code.integer(w.inputChannels), channel));
      Value value = w.inputChannels % code.lanes() == 0 ? code.load(at) : code.loadMasked(at, mask);
      code.store(value, code.advance(to, code.multiply(channel, 4 * layout.rows)));
    });
  }

  void contract(Value tap, Value count) {
    const CpuTarget &target = code.target();
    const int64_t k = target.padToVector(w.inputChannels), columns = target.padToPanel(w.channels);
    emitContraction(code, chain,
                    {context, code.advance(scratch, layout.blocks), code.integer(layout.rows * code.vectorBytes()),
                     code.advance(weights, code.multiply(tap, 4 * k * columns)), code.integer(k / code.lanes()), code.integer(0),
                     code.integer(columns / target.panelWidth()), count});
  }

  Code &code;
  const TransposedWindows &w;
  const RowsKernel &kernel;
  TransposedLayout layout;
  BoundChain chain;
  Value base, stride, weights, firstLine, lines, output, outputStride, scratch, context;
};
} // namespace

int64_t transposedScratchBytes(const CpuTarget &target, const TransposedWindows &windows, const RowsKernel &kernel) {
  return TransposedLayout(target, windows, kernel).bytes;
}

void emitTransposedWindows(Code &code, const RowInput &input, const TransposedArguments &a) {
  const TransposedWindows &w = a.windows;
  std::string key;
  llvm::raw_string_ostream stream(key);
  for (int64_t number :
       {w.inputHeight, w.inputWidth, w.inputChannels, w.kernelHeight, w.kernelWidth, w.strideHeight, w.strideWidth,
        w.paddingHeight, w.paddingWidth, w.channels, a.kernel.height, a.kernel.width, a.kernel.rowBlock})
    stream << number << ',';
  std::string name = sharedName("transposed", key);
  const Code::ArgumentKind P = Code::Pointer, I = Code::Integer;
  if (!code.hasFunction(name))
    code.defineFunction(name, {P, I, P, I, I, P, I, P}, /*exported=*/false,
                        [&](mlir::ValueRange in) { TransposedBuilder(code, a, in).build(); });
  code.call(name, {input.base, input.stride, a.weights, code.divide(a.firstRow, a.kernel.width),
                   code.divide(a.rows, a.kernel.width), a.output, a.outputStride, a.scratch});
}

} // namespace archc::cpu
