//===- GatherWindows.cpp - im2col of strided convolutions -----------------===//
//
// Where the channels of a position are whole vectors, vectors are copied. Else a row of k values is put together in scratch by masked
// loads (runs of neighbouring elements may start anywhere, and nothing outside the input may be touched), then read by vectors.
//
//===----------------------------------------------------------------------===//

#include "passes/LowerCpu/Windows.h"

#include "llvm/Support/raw_ostream.h"

namespace archc::cpu {

int64_t gatherScratchBytes(const CpuTarget &target, const GatherWindows &windows) {
  // Runs overrun their end by less than a vector; a vector of zeros follows.
  return 4 * (target.padToPanel(windows.channels()) + 2 * target.vectorLength);
}

namespace {
class GatherBuilder {
public:
  GatherBuilder(Code &code, const BoundChain &chain, const GatherArguments &arguments, mlir::ValueRange in)
      : code(code), chain(chain), windows(arguments.windows), outputHeight(arguments.outputHeight),
        outputWidth(arguments.outputWidth), context(in[0]), base(in[1]), stride(in[2]), firstRow(in[3]), rows(in[4]),
        scratch(in[5]) {}

  void build() {
    columns = code.target().padToPanel(windows.channels());
    zeros = code.advance(scratch, 4 * (columns + code.lanes()));
    code.store(code.splat(0.0), zeros);
    Value perImage = code.integer(outputHeight * outputWidth);
    Value image = code.divide(firstRow, perImage), position = code.remainder(firstRow, perImage);
    Value y = code.divide(position, outputWidth), x = code.remainder(position, code.integer(outputWidth));
    // (image, y, x) is carried along: divisions for every row would show.
    code.loop(code.integer(0), rows, code.integer(1), {image, y, x}, [&](Value row, mlir::ValueRange at) {
      gatherRow(row, at[0], at[1], at[2]);
      Value zero = code.integer(0);
      Value nextX = code.add(at[2], 1);
      Value lineEnds = code.equal(nextX, code.integer(outputWidth));
      Value nextY = code.select(lineEnds, code.add(at[1], 1), at[1]);
      Value imageEnds = code.equal(nextY, code.integer(outputHeight));
      return Values{code.select(imageEnds, code.add(at[0], 1), at[0]), code.select(imageEnds, zero, nextY),
                    code.select(lineEnds, zero, nextX)};
    });
  }

private:
  Value inside(Value coordinate, int64_t extent) {
    return code.both(code.less(code.integer(-1), coordinate), code.less(coordinate, code.integer(extent)));
  }

  /// Address of input position (image, y, 0).
  Value lineAddress(Value image, Value y) {
    Value line = code.add(code.multiply(image, windows.inputHeight), y);
    return code.advance(base, code.multiply(code.multiply(line, windows.inputWidth), stride));
  }

  void gatherRow(Value row, Value image, Value outputY, Value outputX) {
    ChainEmitter emitter(code, chain, context);
    emitter.moveTo(row, code.integer(0));
    Value x = code.add(code.multiply(outputX, windows.strideWidth), -windows.paddingWidth);
    Value top = code.add(code.multiply(outputY, windows.strideHeight), -windows.paddingHeight);
    const bool dense = windows.input.kind == Place::Dense;
    const bool whole = !dense && windows.inputChannels % code.lanes() == 0;
    code.loop(code.integer(0), code.integer(windows.kernelHeight), 1, [&](Value kernelRow) {
      Value y = code.add(top, kernelRow);
      Value line = lineAddress(image, y);
      Value lineInside = inside(y, windows.inputHeight);
      if (dense)
        return copyRun(line, lineInside, x, kernelRow);
      code.loop(code.integer(0), code.integer(windows.kernelWidth), 1, [&](Value kernelColumn) {
        Value column = code.add(x, kernelColumn);
        Value valid = code.both(lineInside, inside(column, windows.inputWidth));
        Value pixel = code.advance(line, code.multiply(column, stride));
        Value tap = code.add(code.multiply(kernelRow, windows.kernelWidth), kernelColumn);
        if (whole)
          copyPixel(emitter, pixel, valid, tap);
        else
          copyChannels(pixel, valid, tap);
      });
    });
    if (!whole)
      return emitScratch(emitter);
    code.loop(code.integer(windows.channels()), code.integer(columns), code.lanes(), [&](Value column) {
      ChainEmitter here = emitter;
      here.moveToColumn(column);
      here.emit(code.splat(0.0));
    });
  }

  /// The kernel's whole row: kernelWidth * channels neighbouring elements of a dense line.
  void copyRun(Value line, Value lineInside, Value x, Value kernelRow) {
    const int64_t length = windows.kernelWidth * windows.inputChannels;
    Value start = code.multiply(x, windows.inputChannels); // may be negative
    Value end = code.select(lineInside, code.integer(windows.inputWidth * windows.inputChannels), code.integer(-length));
    Value target = code.advance(scratch, code.multiply(kernelRow, 4 * length));
    // Inside the line, with room for the last vector to overrun the run: no masks.
    const int64_t rounded = (length + code.lanes() - 1) / code.lanes() * code.lanes();
    Value room = code.less(code.add(start, rounded - 1), end);
    auto plain = [&] {
      for (int64_t offset = 0; offset < length; offset += code.lanes())
        code.store(code.load(code.advance(code.advance(line, code.multiply(start, 4)), 4 * offset)),
                   code.advance(target, 4 * offset));
    };
    code.ifThenElse(code.both(room, code.less(code.integer(-1), start)), plain, [&] { copyMasked(line, start, end, target); });
  }

  /// Elements [start, start + one kernel row) of a line; those before 0 and from `end` on are zeros.
  void copyMasked(Value line, Value start, Value end, Value target) {
    const int64_t length = windows.kernelWidth * windows.inputChannels;
    code.loop(code.integer(0), code.integer(length), code.lanes(), [&](Value offset) {
      Value at = code.add(start, offset);
      Value mask = code.laneMask(code.subtract(code.integer(0), at), code.subtract(end, at));
      code.store(code.loadMasked(code.advance(line, code.multiply(at, 4)), mask), code.advance(target, code.multiply(offset, 4)));
    });
  }

  void copyChannels(Value pixel, Value valid, Value tap) {
    Value end = code.select(valid, code.integer(windows.inputChannels), code.integer(0));
    Value target = code.advance(scratch, code.multiply(tap, 4 * windows.inputChannels));
    code.loop(code.integer(0), code.integer(windows.inputChannels), code.lanes(), [&](Value offset) {
      Value mask = code.laneMask(code.integer(0), code.subtract(end, offset));
      Value bytes = code.multiply(offset, 4);
      code.store(code.loadMasked(code.advance(pixel, bytes), mask), code.advance(target, bytes));
    });
  }

  void copyPixel(const ChainEmitter &emitter, Value pixel, Value valid, Value tap) {
    code.loop(code.integer(0), code.integer(windows.inputChannels), code.lanes(), [&](Value offset) {
      Value at = code.select(valid, code.advance(pixel, code.multiply(offset, 4)), zeros);
      ChainEmitter here = emitter;
      here.moveToColumn(code.add(code.multiply(tap, windows.inputChannels), offset));
      here.emit(code.load(at));
    });
  }

  void emitScratch(const ChainEmitter &emitter) {
    // What the last run left beyond the last k, and everything up to the panel's end (a vector may follow it).
    code.loop(code.integer(windows.channels()), code.integer(columns), code.lanes(),
              [&](Value column) { code.store(code.splat(0.0), code.advance(scratch, code.multiply(column, 4))); });
    code.loop(code.integer(0), code.integer(columns), code.lanes(), [&](Value column) {
      ChainEmitter here = emitter;
      here.moveToColumn(column);
      here.emit(code.load(code.advance(scratch, code.multiply(column, 4))));
    });
  }

  Code &code;
  const BoundChain &chain;
  const GatherWindows &windows;
  int64_t outputHeight, outputWidth, columns = 0;
  Value context, base, stride, firstRow, rows, scratch, zeros;
};
} // namespace

void emitGatherWindows(Code &code, const BoundChain &chain, const RowInput &input, const RowRange &range,
                       const GatherArguments &arguments) {
  const GatherWindows &w = arguments.windows;
  std::string key;
  llvm::raw_string_ostream stream(key);
  for (int64_t number :
       {static_cast<int64_t>(w.input.kind), w.inputHeight, w.inputWidth, w.inputChannels, w.kernelHeight, w.kernelWidth,
        w.strideHeight, w.strideWidth, w.paddingHeight, w.paddingWidth, arguments.outputHeight, arguments.outputWidth})
    stream << number << ',';
  stream << chain.key;
  std::string name = sharedName("gather", key);
  const Code::ArgumentKind P = Code::Pointer, I = Code::Integer;
  if (!code.hasFunction(name))
    code.defineFunction(name, {P, P, I, I, I, P}, /*exported=*/false,
                        [&](mlir::ValueRange in) { GatherBuilder(code, chain, arguments, in).build(); });
  code.call(name, {range.context, input.base, input.stride, arguments.firstRow, range.rows, arguments.scratch});
}

} // namespace archc::cpu
