#include "runtime/data/augment/Draws.h"

#include <cmath>

namespace archrt::data {

int64_t Draws::below(int64_t count) {
  auto wide = static_cast<unsigned __int128>(random.bits(next++)) * static_cast<uint64_t>(count);
  return static_cast<int64_t>(wide >> 64);
}

/// Box and Muller's, of which the second number is left unused: no state.
double Draws::normal() {
  double radius = std::sqrt(-2 * std::log(uniform()));
  return radius * std::cos(6.283185307179586 * uniform());
}

/// Marsaglia and Tsang's method; below 1 by way of shape + 1.
double Draws::gamma(double shape) {
  if (shape < 1) {
    double larger = gamma(shape + 1);
    return larger * std::pow(uniform(), 1 / shape);
  }
  double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  while (true) {
    double x = normal(), v = 1 + c * x;
    v = v * v * v;
    double u = uniform();
    if (v > 0 && std::log(u) < 0.5 * x * x + d - d * v + d * std::log(v))
      return d * v;
  }
}

double Draws::beta(double alpha) {
  double a = gamma(alpha), b = gamma(alpha);
  // Both are 0 only for an alpha near 0, whose draws are 0 or 1.
  return a + b > 0 ? a / (a + b) : (chance(0.5) ? 1.0 : 0.0);
}

} // namespace archrt::data
