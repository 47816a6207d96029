//===- ConvertInput.cpp - Bytes or floats to normalised dense rows --------===//
//
// A dense row has few channels, so vectors run across positions: VL positions are `channels` vectors, whose channel pattern repeats.
//
//===----------------------------------------------------------------------===//

#include "passes/LowerCpu/SpecialKernels.h"

namespace archc::cpu {

void emitConvertInput(Code &code, const ConvertInputKernel &kernel, const KernelArguments &in) {
  const int64_t elementBytes = kernel.inputIsByte ? 1 : 4;
  auto operand = [&](unsigned index) { return code.loadPointer(code.advance(in.buffers, 8 * static_cast<int64_t>(index))); };
  Value from = operand(kernel.input), to = operand(kernel.output), scale = operand(kernel.scale), shift = operand(kernel.shift);
  Value positions = code.subtract(in.end, in.begin);
  Value full = code.add(in.begin, code.multiply(code.divide(positions, code.lanes()), code.lanes()));
  code.loop(in.begin, full, code.lanes(), [&](Value position) {
    Value element = code.multiply(position, kernel.channels);
    for (int64_t vector = 0; vector < kernel.channels; ++vector) {
      Value at = code.add(element, vector * code.lanes());
      Value source = code.advance(from, code.multiply(at, elementBytes));
      Value x = kernel.inputIsByte ? code.loadBytes(source) : code.load(source);
      Value factor = code.load(code.advance(scale, vector * code.vectorBytes()));
      Value addend = code.load(code.advance(shift, vector * code.vectorBytes()));
      code.store(code.fma(x, factor, addend), code.advance(to, code.multiply(at, 4)));
    }
  });
  code.loop(code.multiply(full, kernel.channels), code.multiply(in.end, kernel.channels), 1, [&](Value element) {
    Value channel = code.multiply(code.remainder(element, code.integer(kernel.channels)), 4);
    Value source = code.advance(from, code.multiply(element, elementBytes));
    Value x = kernel.inputIsByte ? code.loadByte(source) : code.loadScalar(source);
    Value factor = code.loadScalar(code.advance(scale, channel)), addend = code.loadScalar(code.advance(shift, channel));
    code.storeScalar(code.fma(x, factor, addend), code.advance(to, code.multiply(element, 4)));
  });
}

} // namespace archc::cpu
