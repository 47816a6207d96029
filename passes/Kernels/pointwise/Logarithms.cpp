//===- Logarithms.cpp - log, for losses -----------------------------------===//

#include "passes/Kernels/PointwiseEmitter.h"

using namespace archc::kernels;

/// 2 artanh(s), s small: `terms` terms of its series.
static Value doubleArtanh(Code &code, Value s, int64_t terms) {
  Value square = code.multiplyF(s, s);
  Value sum = code.likeVector(s, 2.0 / static_cast<double>(2 * terms - 1));
  for (int64_t term = terms - 1; term-- > 0;)
    sum = code.fma(sum, square, code.likeVector(s, 2.0 / static_cast<double>(2 * term + 1)));
  return code.multiplyF(s, sum);
}

namespace archc::kernels {

Value emitLog(Code &code, Value x) {
  Value one = code.likeVector(x, 1);
  Code::FractionExponent split = code.splitExponent(x);
  // Fractions above sqrt 2 are halved, so that s <= 0.172.
  Value isLarge = code.lessF(code.likeVector(x, 1.4142135623730951), split.fraction);
  Value fraction = code.select(isLarge, code.multiplyF(split.fraction, code.likeVector(x, 0.5)), split.fraction);
  Value exponent = code.select(isLarge, code.addF(split.exponent, one), split.exponent);
  Value s = code.divideF(code.subtractF(fraction, one), code.addF(fraction, one));
  return code.fma(exponent, code.likeVector(x, 0.6931471805599453), doubleArtanh(code, s, 5));
}

Value emitSoftplusTail(Code &code, Value t) {
  // log(1 + e) = 2 artanh(e / (2 + e)), and e / (2 + e) <= 1/3.
  Value e = emitExp(code, code.subtractF(code.likeVector(t, 0), t));
  return doubleArtanh(code, code.divideF(e, code.addF(e, code.likeVector(t, 2))), 8);
}

} // namespace archc::kernels
