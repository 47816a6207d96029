//===- Exponentials.cpp - exp, erf and the activations made of them -------===//
//
// Polynomials are minimax fits (Remez) made for these intervals; errors are stated in PointwiseEmitter.h and tested.
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/PointwiseEmitter.h"

#include <cmath>

using namespace archc::kernels;
using Operands = llvm::ArrayRef<Value>;

/// Horner's rule; `coefficients` from the highest power down.
static Value polynomial(Code &code, Value x, llvm::ArrayRef<double> coefficients) {
  Value sum = code.likeVector(x, coefficients.front());
  for (double coefficient : coefficients.drop_front())
    sum = code.fma(sum, x, code.likeVector(x, coefficient));
  return sum;
}

namespace archc::kernels {

/// Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits of the sum.
static const double roundingShift = 12582912.0;

Value emitExp(Code &code, Value x) {
  auto constant = [&](double value) { return code.likeVector(x, value); };
  // Beyond these 2^n leaves the normal numbers. Operand order lets a NaN pass.
  x = code.minimumF(constant(88.37), x);
  x = code.maximumF(constant(-87.336544), x);
  Value shifted = code.fma(x, constant(1.4426950408889634), constant(roundingShift));
  Value n = code.subtractF(shifted, constant(roundingShift));
  // ln 2 in two parts, the first short enough for exact products.
  Value r = code.fma(n, constant(-0.693359375), x);
  r = code.fma(n, constant(2.12194440e-4), r);
  Value p =
      polynomial(code, r, {0.0013941218243610533, 0.008363235076708515, 0.04166637408183683, 0.16666576646339576, 0.5, 1.0, 1.0});
  return code.scaleByPowerOfTwo(p, shifted);
}

Value emitScaledExp(Code &code, Value x, double scale) {
  auto constant = [&](double value) { return code.likeVector(x, value); };
  // log2(e) * scale in two parts: with one, its rounding would grow with x. The products are exact inside the fma.
  const double factor = scale * 1.4426950408889634;
  const auto high = static_cast<float>(factor);
  const auto low = static_cast<float>(factor - high);
  x = code.maximumF(constant(-126 / factor), x);
  Value shifted = code.fma(x, constant(high), constant(roundingShift));
  Value n = code.subtractF(shifted, constant(roundingShift));
  Value r = code.fma(x, constant(high), code.subtractF(constant(0), n));
  r = code.fma(x, constant(low), r);
  Value p = polynomial(code, r,
                       {0.0001546986895846203, 0.0013390982057899237, 0.009618029929697514, 0.055503569543361664,
                        0.24022650718688965, 0.6931471824645996, 1.0});
  return code.scaleByPowerOfTwo(p, shifted);
}

Value emitSigmoid(Code &code, Value x) {
  Value one = code.likeVector(x, 1);
  Value e = emitExp(code, code.subtractF(code.likeVector(x, 0), x));
  return code.divideF(one, code.addF(one, e));
}

Value emitErf(Code &code, Value x) {
  Value t = code.absolute(x);
  Value square = code.multiplyF(x, x);
  // |x| < 1: x + x Q(x^2). Else 1 - exp(-(t + t R(t))), 1 from t = 4 on.
  Value small = polynomial(code, square,
                           {7.853861396513599e-05, -0.0008010193674749938, 0.0051883276967587735, -0.026853811944820845,
                            0.11283585148953496, -0.376126258242715, 0.12837916572671676});
  small = code.fma(small, x, x);
  Value clamped = code.minimumF(code.likeVector(x, 4), t);
  Value large = polynomial(code, clamped,
                           {1.4133786532403775e-05, -0.0003523315893176099, 0.003764657673149958, -0.024025503319462866,
                            0.10654909665008326, 0.6349583015366697, 0.12869715751195038});
  large = code.fma(large, clamped, clamped);
  large = code.subtractF(code.likeVector(x, 1), emitExp(code, code.subtractF(code.likeVector(x, 0), large)));
  return code.select(code.lessF(t, code.likeVector(x, 1)), small, code.copySign(large, x));
}

} // namespace archc::kernels

/// x / 2 (1 + erf(x / sqrt 2))
static Value gelu(Code &code, Operands operands) {
  Value x = operands[0];
  Value erf = emitErf(code, code.multiplyF(x, code.likeVector(x, std::sqrt(0.5))));
  Value half = code.multiplyF(x, code.likeVector(x, 0.5));
  return code.fma(half, erf, half);
}

/// x / 2 (1 + tanh(u)) = x sigmoid(2u), u = sqrt(2/pi) (x + 0.044715 x^3)
static Value geluTanh(Code &code, Operands operands) {
  Value x = operands[0];
  const double scale = 2 * std::sqrt(2 / M_PI);
  Value inner = code.fma(code.multiplyF(x, x), code.likeVector(x, 0.044715 * scale), code.likeVector(x, scale));
  return code.multiplyF(x, emitSigmoid(code, code.multiplyF(x, inner)));
}

static Value silu(Code &code, Operands operands) { return code.multiplyF(operands[0], emitSigmoid(code, operands[0])); }

static const bool registered[] = {
    registerPointwise("mf.gelu", 1, gelu),
    registerPointwise("mf.gelu_tanh", 1, geluTanh),
    registerPointwise("mf.silu", 1, silu),
};
