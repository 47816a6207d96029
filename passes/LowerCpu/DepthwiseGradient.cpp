//===- DepthwiseGradient.cpp - Weight gradient of a depthwise convolution --===//
//
// One vector of channels per iteration; line by line of the batch, one line of taps at a time: kw sums in registers, and a window of kw
// vectors of x that moves along the line, its registers renamed from step to step. A line's sums are added to the totals in the order
// of lines. Maps in rows have their line of this vector copied first, between zeros, as a padded image holds it.
//
//===----------------------------------------------------------------------===//

#include "passes/LowerCpu/GradientKernels.h"

namespace archc::cpu {

namespace {
struct DepthwiseGradLayout {
  int64_t totals, dy, x, bytes = 0; // dy: one line; x: one line for each line of taps

  DepthwiseGradLayout(const DepthwiseGradKernel &kernel, const CpuTarget &target) {
    auto allocate = [&](int64_t vectors) {
      int64_t offset = bytes;
      bytes += (4 * target.vectorLength * vectors + 63) / 64 * 64;
      return offset;
    };
    totals = allocate(kernel.kernelHeight * kernel.kernelWidth);
    dy = allocate(kernel.dy.kind == Place::Rows ? kernel.width : 0);
    x = allocate(kernel.x.kind == Place::Rows ? kernel.kernelHeight * paddedWidth(kernel) : 0);
  }

  static int64_t paddedWidth(const DepthwiseGradKernel &kernel) { return kernel.width + kernel.kernelWidth - 1; }
};

class DepthwiseGradBuilder {
public:
  DepthwiseGradBuilder(Code &code, const DepthwiseGradKernel &kernel, const KernelArguments &in)
      : code(code), kernel(kernel), in(in), layout(kernel, code.target()), area(kernel.kernelHeight * kernel.kernelWidth),
        above(kernel.kernelHeight / 2) {}

  void build() {
    x = operand(kernel.x.index);
    dy = operand(kernel.dy.index);
    result = operand(kernel.output);
    planes = code.target().padToPanel(kernel.channels) / code.lanes();
    code.loop(in.begin, in.end, 1, [&](Value current) {
      plane = current;
      eachTap([&](Value at) { code.store(code.splat(0.0), at); });
      code.loop(code.integer(0), in.batch, 1, [&](Value image) {
        copyFirstLines(image);
        code.loop(code.integer(0), code.integer(kernel.height), 1, [&](Value y) { line(image, y); });
      });
      writeTotals();
    });
  }

private:
  Value operand(unsigned index) { return code.loadPointer(code.advance(in.buffers, 8 * static_cast<int64_t>(index))); }
  Value at(int64_t offset) { return code.advance(in.scratch, offset); }
  int64_t paddedLineBytes() { return DepthwiseGradLayout::paddedWidth(kernel) * code.vectorBytes(); }

  void eachTap(llvm::function_ref<void(Value address)> body) {
    code.loop(code.integer(0), code.integer(area * code.vectorBytes()), code.vectorBytes(),
              [&](Value offset) { body(code.advance(at(layout.totals), offset)); });
  }

  // ---- Lines of this vector of channels

  /// Line `y` of a padded image.
  Value paddedLine(Value base, Value image, Value y) {
    Value line = code.add(code.multiply(code.add(code.multiply(image, planes), plane), kernel.height), y);
    return code.advance(base, code.multiply(line, paddedLineBytes()));
  }

  /// Copies line `y` of a map in rows to `to`.
  void copyLine(const Place &place, Value base, Value image, Value y, Value to) {
    Value row = code.multiply(code.add(code.multiply(image, kernel.height), y), kernel.width);
    Value from = code.advance(code.advance(base, code.multiply(row, 4 * place.stride)), code.multiply(plane, code.vectorBytes()));
    code.loop(code.integer(0), code.integer(kernel.width), 1, [&](Value column) {
      code.store(code.load(code.advance(from, code.multiply(column, 4 * place.stride))),
                 code.advance(to, code.multiply(column, code.vectorBytes())));
    });
  }

  /// Where the copy of line `y` of x is: line y modulo the height of the kernel.
  Value copiedLine(Value y) {
    return code.advance(at(layout.x), code.multiply(code.remainder(y, code.integer(kernel.kernelHeight)), paddedLineBytes()));
  }

  void copyInput(Value image, Value y) {
    const int64_t margin = kernel.kernelWidth / 2;
    Value to = copiedLine(y);
    for (int64_t column = 0; column < margin; ++column)
      for (int64_t side : {column, column + margin + kernel.width})
        code.store(code.splat(0.0), code.advance(to, side * code.vectorBytes()));
    copyLine(kernel.x, x, image, y, code.advance(to, margin * code.vectorBytes()));
  }

  /// Those that the first line's window has below it, but for the last: line() copies that one.
  void copyFirstLines(Value image) {
    if (kernel.x.kind == Place::Rows)
      code.loop(code.integer(0), code.integer(std::min(above, kernel.height)), 1, [&](Value y) { copyInput(image, y); });
  }

  void line(Value image, Value y) {
    Value gradient;
    if (kernel.dy.kind == Place::Rows) {
      gradient = at(layout.dy);
      copyLine(kernel.dy, dy, image, y, gradient);
    } else {
      gradient = code.advance(paddedLine(dy, image, y), kernel.dy.padding * code.vectorBytes());
    }
    Value lowest = code.add(y, above);
    if (kernel.x.kind == Place::Rows)
      code.ifThen(code.less(lowest, code.integer(kernel.height)), [&] { copyInput(image, lowest); });
    Value first = code.maximum(code.subtract(code.integer(above), y), code.integer(0));
    Value last = code.minimum(code.subtract(code.integer(kernel.height + above), y), code.integer(kernel.kernelHeight));
    code.loop(first, last, 1, [&](Value tapLine) {
      Value inputY = code.add(code.add(y, tapLine), -above);
      Value input = kernel.x.kind == Place::Rows ? copiedLine(inputY) : paddedLine(x, image, inputY);
      correlate(gradient, input,
                code.advance(at(layout.totals), code.multiply(tapLine, kernel.kernelWidth * code.vectorBytes())));
    });
  }

  /// totals[k] += sum over columns of gradient[column] * input[column + k].
  void correlate(Value gradient, Value input, Value totals) {
    const std::string name = "correlate" + std::to_string(kernel.kernelWidth) + "w" + std::to_string(kernel.width);
    const Code::ArgumentKind P = Code::Pointer;
    if (!code.hasFunction(name))
      code.defineFunction(name, {P, P, P}, /*exported=*/false, [&](mlir::ValueRange a) { defineCorrelate(a[0], a[1], a[2]); });
    code.call(name, {gradient, input, totals});
  }

  void defineCorrelate(Value gradient, Value input, Value totals) {
    const int64_t taps = kernel.kernelWidth, whole = kernel.width / taps * taps;
    Values state; // the sums, then the window's first taps - 1 vectors
    state.append(taps, code.splat(0.0));
    for (int64_t k = 0; k + 1 < taps; ++k)
      state.push_back(code.load(code.advance(input, k * code.vectorBytes())));
    // After `taps` steps every vector of the window is back in its register.
    state =
        code.loop(code.integer(0), code.integer(whole), code.integer(taps), state, [&](Value column, mlir::ValueRange carried) {
          Value offset = code.multiply(column, code.vectorBytes());
          return steps(Values(carried.begin(), carried.end()), code.advance(gradient, offset), code.advance(input, offset), taps);
        });
    Value offset = code.integer(whole * code.vectorBytes());
    state = steps(state, code.advance(gradient, offset), code.advance(input, offset), kernel.width - whole);
    for (int64_t k = 0; k < taps; ++k) {
      Value to = code.advance(totals, k * code.vectorBytes());
      code.store(code.addF(code.load(to), state[k]), to);
    }
  }

  Values steps(Values state, Value gradient, Value input, int64_t count) {
    const int64_t taps = kernel.kernelWidth;
    Values window(state.begin() + taps, state.end());
    for (int64_t step = 0; step < count; ++step) {
      window.push_back(code.load(code.advance(input, (step + taps - 1) * code.vectorBytes())));
      Value factor = code.load(code.advance(gradient, step * code.vectorBytes()));
      for (int64_t k = 0; k < taps; ++k)
        state[k] = code.fma(factor, window[step + k], state[k]);
    }
    for (int64_t k = 0; k + 1 < taps; ++k)
      state[taps + k] = window[count + k];
    return state;
  }

  /// totals[tap][lane] to [channel][tap].
  void writeTotals() {
    Value first = code.multiply(plane, code.lanes());
    Value count = code.minimum(code.integer(code.lanes()), code.subtract(code.integer(kernel.channels), first));
    code.loop(code.integer(0), code.maximum(count, code.integer(0)), 1, [&](Value lane) {
      Value to = code.advance(result, code.multiply(code.add(first, lane), 4 * area));
      Value from = code.advance(at(layout.totals), code.multiply(lane, 4));
      code.loop(code.integer(0), code.integer(area), 1, [&](Value tap) {
        code.storeScalar(code.loadScalar(code.advance(from, code.multiply(tap, code.vectorBytes()))),
                         code.advance(to, code.multiply(tap, 4)));
      });
    });
  }

  Code &code;
  const DepthwiseGradKernel &kernel;
  const KernelArguments &in;
  DepthwiseGradLayout layout;
  int64_t area, above, planes = 0;
  Value x, dy, result, plane;
};
} // namespace

int64_t depthwiseGradScratchBytes(const DepthwiseGradKernel &kernel, const CpuTarget &target) {
  return DepthwiseGradLayout(kernel, target).bytes;
}

int64_t depthwiseGradIterations(const DepthwiseGradKernel &kernel, const CpuTarget &target) {
  return target.padToVector(kernel.channels) / target.vectorLength;
}

void emitDepthwiseGrad(Code &code, const DepthwiseGradKernel &kernel, const KernelArguments &arguments) {
  DepthwiseGradBuilder(code, kernel, arguments).build();
}

} // namespace archc::cpu
