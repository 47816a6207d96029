//===- ConvertInput.cpp - Bytes or floats to normalised dense rows --------===//
//
// A dense row has few channels, so vectors run across positions: VL positions are `channels` vectors, whose channel pattern repeats.
//
//===----------------------------------------------------------------------===//

#include "passes/LowerCpu/SpecialKernels.h"

namespace archc::cpu {

namespace {
class ConvertBuilder {
public:
  ConvertBuilder(Code &code, const ConvertInputKernel &kernel, const KernelArguments &in)
      : code(code), kernel(kernel), in(in), elementBytes(kernel.inputIsByte ? 1 : 4) {}

  void build() {
    from = code.loadPointer(code.advance(in.buffers, 8 * static_cast<int64_t>(kernel.input)));
    to = code.loadPointer(code.advance(in.buffers, 8 * static_cast<int64_t>(kernel.output)));
    Value positions = code.subtract(in.end, in.begin);
    Value full = code.add(in.begin, code.multiply(code.divide(positions, code.lanes()), code.lanes()));
    code.loop(in.begin, full, code.lanes(), [&](Value position) {
      for (int64_t vector = 0; vector < kernel.channels; ++vector)
        convertVector(code.add(code.multiply(position, kernel.channels), vector * code.lanes()), vector);
    });
    code.loop(full, in.end, 1, [&](Value position) {
      for (int64_t channel = 0; channel < kernel.channels; ++channel)
        convertElement(code.add(code.multiply(position, kernel.channels), channel), channel);
    });
  }

private:
  /// Vector number `vector` of VL positions: the numbers of its lanes' channels.
  Value pattern(const std::vector<double> &perChannel, int64_t vector) {
    llvm::SmallVector<float> lanes;
    for (int64_t lane = 0; lane < code.lanes(); ++lane)
      lanes.push_back(static_cast<float>(perChannel[(vector * code.lanes() + lane) % kernel.channels]));
    return code.vectorOf(lanes);
  }

  void convertVector(Value element, int64_t vector) {
    Value source = code.advance(from, code.multiply(element, elementBytes));
    Value x = kernel.inputIsByte ? code.loadBytes(source) : code.load(source);
    Value y = code.fma(x, pattern(kernel.scale, vector), pattern(kernel.shift, vector));
    code.store(y, code.advance(to, code.multiply(element, 4)));
  }

  void convertElement(Value element, int64_t channel) {
    Value source = code.advance(from, code.multiply(element, elementBytes));
    Value x = kernel.inputIsByte ? code.loadByte(source) : code.loadScalar(source);
    Value y = code.fma(x, code.number(kernel.scale[channel]), code.number(kernel.shift[channel]));
    code.storeScalar(y, code.advance(to, code.multiply(element, 4)));
  }

  Code &code;
  const ConvertInputKernel &kernel;
  const KernelArguments &in;
  int64_t elementBytes;
  Value from, to;
};
} // namespace

void emitConvertInput(Code &code, const ConvertInputKernel &kernel, const KernelArguments &arguments) {
  ConvertBuilder(code, kernel, arguments).build();
}

} // namespace archc::cpu
