//===- Gradients.cpp - Products of two maps and derivatives ---------------===//
//
// The gradients of activations have operands x and dy and give dy * f'(x). Selections are written so that a NaN of x passes.
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/PointwiseEmitter.h"

#include <cmath>

using namespace archc::kernels;
using Operands = llvm::ArrayRef<Value>;

/// Phi(x) + x phi(x)
static Value geluDerivative(Code &code, Value x) {
  Value half = code.likeVector(x, 0.5);
  Value erf = emitErf(code, code.multiplyF(x, code.likeVector(x, std::sqrt(0.5))));
  Value density = emitExp(code, code.multiplyF(code.multiplyF(x, x), code.likeVector(x, -0.5)));
  density = code.multiplyF(density, code.likeVector(x, 1 / std::sqrt(2 * M_PI)));
  return code.fma(x, density, code.fma(half, erf, half));
}

/// s + x s (1 - s) v' with s = sigmoid(v), v = 2 sqrt(2/pi) (x + 0.044715 x^3). 1 - s is sigmoid(-v): near 1 the difference would keep no
/// digits, and x v' is large there.
static Value geluTanhDerivative(Code &code, Value x) {
  const double scale = 2 * std::sqrt(2 / M_PI), cubic = 0.044715 * scale;
  Value square = code.multiplyF(x, x), one = code.likeVector(x, 1);
  Value inner = code.fma(square, code.likeVector(x, cubic), code.likeVector(x, scale));
  Value slope = code.fma(square, code.likeVector(x, 3 * cubic), code.likeVector(x, scale));
  Value v = code.multiplyF(x, inner);
  Value s = emitSigmoid(code, v), rest = emitSigmoid(code, code.subtractF(code.likeVector(x, 0), v));
  Value bend = code.multiplyF(code.multiplyF(x, slope), rest);
  return code.multiplyF(s, code.addF(one, bend));
}

/// s (1 + x (1 - s))
static Value siluDerivative(Code &code, Value x) {
  Value one = code.likeVector(x, 1), s = emitSigmoid(code, x);
  return code.multiplyF(s, code.fma(x, code.subtractF(one, s), one));
}

/// x / 3 + 1/2 between -3 and 3, 0 below and 1 above
static Value hardswishDerivative(Code &code, Value x) {
  Value slope = code.addF(code.divideF(x, code.likeVector(x, 3)), code.likeVector(x, 0.5));
  slope = code.select(code.lessF(x, code.likeVector(x, -3)), code.likeVector(x, 0), slope);
  return code.select(code.lessF(code.likeVector(x, 3), x), code.likeVector(x, 1), slope);
}

static Value step(Code &code, Operands operands) {
  Value x = operands[0], zero = code.likeVector(x, 0);
  return code.select(code.lessF(zero, x), code.likeVector(x, 1), zero);
}

static bool registerGradient(const char *op, Value (*derivative)(Code &, Value)) {
  return registerPointwise(op, 2, [derivative](Code &code, Operands x) { return code.multiplyF(x[1], derivative(code, x[0])); });
}

static const bool registered[] = {
    registerPointwise("mf.mul", 2, [](Code &code, Operands x) { return code.multiplyF(x[0], x[1]); }),
    registerPointwise("mf.step", 1, step),
    registerGradient("mf.gelu_grad", geluDerivative),
    registerGradient("mf.gelu_tanh_grad", geluTanhDerivative),
    registerGradient("mf.silu_grad", siluDerivative),
    registerGradient("mf.hardswish_grad", hardswishDerivative),
};
