//===- PackKernels.cpp - Kernels that prepare weights, and the input ------===//
//
// A thread per element of the result, zeros of the padding included.
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/WeightElements.h"
#include "passes/LowerCuda/SpecialKernels.h"

namespace archc::cuda {

static int64_t columnsOf(const PackPanelsKernel &kernel) {
  return kernel.byTap ? kernel.weight.inputs : kernel.weight.inputs * kernel.weight.kernelHeight * kernel.weight.kernelWidth;
}

int64_t packedElements(const KernelBody &body, const GpuTarget &target) {
  if (auto *panels = std::get_if<PackPanelsKernel>(&body)) {
    const int64_t taps = panels->byTap ? panels->weight.kernelHeight * panels->weight.kernelWidth : 1;
    return tapPanelBytes(target, panels->weight.outputs, columnsOf(*panels), taps) / 4;
  }
  if (auto *taps = std::get_if<PackTapsKernel>(&body))
    return tapBytes(target, taps->channels, taps->taps) / 4;
  if (auto *matrix = std::get_if<PackMatrixKernel>(&body))
    return blockedMatrixBytes(target, matrix->size) / 4;
  if (auto *vector = std::get_if<PackVectorKernel>(&body))
    return vector->padded;
  if (auto *positions = std::get_if<PackPositionsKernel>(&body))
    return positions->positions * positions->stride;
  return 0;
}

namespace {
class Packer : public WeightElements {
public:
  Packer(Code &code, mlir::ValueRange arguments)
      : WeightElements(code, [=](unsigned i) { return arguments[i]; }), code(code), extent(arguments.back()) {}

  /// Writes `number()` to element `element()` of `output`, or 0 where `exists` is not.
  void write(unsigned output, llvm::function_ref<Value(Value element)> exists, llvm::function_ref<Value(Value element)> number) {
    Value i = code.add(code.multiply(code.block(), kThreads), code.thread());
    code.ifThen(code.less(i, extent), [&] {
      code.ifThenElse(
          exists(i), [&] { put(number(i), operand(output), i); },
          [&] { code.storeScalar(code.number(0), code.element(operand(output), i)); });
    });
  }

private:
  Code &code;
  Value extent;
};
} // namespace

void emitPack(Code &code, const PackPanelsKernel &kernel, mlir::ValueRange arguments) {
  Packer pack(code, arguments);
  const WeightShape &shape = kernel.weight;
  const int64_t width = code.target().panelWidth(), columns = columnsOf(kernel), depth = code.target().padToVector(columns);
  const int64_t panels = code.target().padToPanel(shape.outputs) / width;
  Value n, k, inTap;
  WeightElements::Column column;
  auto locate = [&](Value i) {
    Value line = code.divide(i, width), panel = code.divide(line, depth);
    inTap = code.remainder(line, code.integer(depth));
    Value first = code.multiply(kernel.byTap ? code.remainder(panel, code.integer(panels)) : panel, width);
    n = code.add(first, code.remainder(i, code.integer(width)));
    k = kernel.byTap ? code.add(code.multiply(code.divide(panel, panels), columns), inTap) : inTap;
    column = pack.column(shape, n, k);
    Value inside = code.both(code.less(n, code.integer(shape.outputs)), code.less(inTap, code.integer(columns)));
    return code.both(inside, column.exists);
  };
  pack.write(kernel.output, locate, [&](Value) {
    Value weight = pack.element(pack.operand(shape.operand), column.offset);
    return pack.product(weight, kernel.scale, n, column.inputChannel);
  });
}

void emitPack(Code &code, const PackTapsKernel &kernel, mlir::ValueRange arguments) {
  Packer pack(code, arguments);
  const int64_t block = code.target().vectorLength;
  Value channel, tap;
  auto locate = [&](Value i) {
    Value line = code.divide(i, block);
    tap = code.remainder(line, code.integer(kernel.taps));
    channel = code.add(code.multiply(code.divide(line, kernel.taps), block), code.remainder(i, code.integer(block)));
    return code.less(channel, code.integer(kernel.channels));
  };
  pack.write(kernel.output, locate, [&](Value) {
    Value source = kernel.adjoint ? code.subtract(code.integer(kernel.taps - 1), tap) : tap;
    Value weight = pack.element(pack.operand(kernel.weight), code.add(code.multiply(channel, kernel.taps), source));
    return pack.product(weight, kernel.scale, channel, channel);
  });
}

void emitPack(Code &code, const PackMatrixKernel &kernel, mlir::ValueRange arguments) {
  Packer pack(code, arguments);
  const int64_t block = code.target().vectorLength, size = kernel.size;
  Value row, column;
  auto locate = [&](Value i) {
    Value line = code.divide(i, block);
    row = code.remainder(line, code.integer(size));
    column = code.add(code.multiply(code.divide(line, size), block), code.remainder(i, code.integer(block)));
    return code.less(column, code.integer(size));
  };
  pack.write(kernel.output, locate, [&](Value) {
    Value from = kernel.adjoint ? column : row, across = kernel.adjoint ? row : column;
    Value weight = pack.element(pack.operand(kernel.matrix), code.add(code.multiply(from, size), across));
    return pack.product(weight, kernel.scale, row, column);
  });
}

void emitPack(Code &code, const PackVectorKernel &kernel, mlir::ValueRange arguments) {
  Packer pack(code, arguments);
  const int64_t period = kernel.period ? kernel.period : std::max<int64_t>(kernel.size, 1);
  auto exists = [&](Value i) { return code.less(i, code.integer(kernel.size)); };
  pack.write(kernel.output, exists, [&](Value i) {
    Value row = code.remainder(i, code.integer(period)), sum = code.number64(0);
    for (const Term &term : kernel.terms)
      sum = code.addF(sum, pack.term(term, row));
    return sum;
  });
}

void emitPack(Code &code, const PackPositionsKernel &kernel, mlir::ValueRange arguments) {
  Packer pack(code, arguments);
  auto channelOf = [&](Value i) { return code.remainder(i, code.integer(kernel.stride)); };
  auto exists = [&](Value i) { return code.less(channelOf(i), code.integer(kernel.channels)); };
  pack.write(kernel.output, exists, [&](Value i) {
    Value from = code.add(code.multiply(channelOf(i), kernel.positions), code.divide(i, kernel.stride));
    return pack.element(pack.operand(kernel.input), from);
  });
}

/// A thread per position.
void emitConvertInput(Code &code, const ConvertInputKernel &kernel, mlir::ValueRange arguments) {
  Value position = code.add(code.multiply(code.block(), kThreads), code.thread());
  code.ifThen(code.less(position, arguments.back()), [&] {
    Value first = code.multiply(position, kernel.channels);
    for (int64_t channel = 0; channel < kernel.channels; ++channel) {
      Value at = code.add(first, channel);
      Value x = kernel.inputIsByte ? code.loadByte(code.advance(arguments[kernel.input], at))
                                   : code.loadElement(arguments[kernel.input], at);
      x = code.fma(x, code.number(kernel.scale[channel]), code.number(kernel.shift[channel]));
      code.storeScalar(x, code.element(arguments[kernel.output], at));
    }
  });
}

} // namespace archc::cuda
