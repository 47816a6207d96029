#include "runtime/weights/Initialize.h"

#include "runtime/core/CounterRandom.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace archrt {
namespace {

/// std::log may round differently where the host's C library has another variant; this uses basic operations only.
double portableLog(double x) {
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent); // [0.5, 1)
  if (mantissa < 0.70710678118654752)
    mantissa *= 2, exponent -= 1;
  double s = (mantissa - 1) / (mantissa + 1), square = s * s, sum = 0;
  for (int i = 23; i >= 1; i -= 2)
    sum = sum * square + 1.0 / i;
  return 2 * s * sum + exponent * 0.69314718055994531;
}

/// Taylor's series of x / 1024, squared ten times.
double portableExp(double x) {
  double small = x * 0x1p-10, sum = 1;
  for (int i = 12; i >= 1; --i)
    sum = 1 + sum * small / i;
  for (int i = 0; i < 10; ++i)
    sum *= sum;
  return sum;
}

/// Numerator and denominator of one piece of the approximation, lowest power first.
struct Rational {
  double numerator[8], denominator[8];

  double operator()(double x) const {
    double top = 0, bottom = 0;
    for (int i = 7; i >= 0; --i) {
      top = top * x + numerator[i];
      bottom = bottom * x + denominator[i];
    }
    return top / bottom;
  }
};

/// M. J. Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Applied Statistics 37 (1988): PPND16.
double inverseNormal(double p) {
  static const Rational kMiddle = {
      {3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
       4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3},
      {1.0, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3, 2.1213794301586595867e+4,
       3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3}};
  static const Rational kTail = {
      {1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
       1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4},
      {1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
       1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9}};
  static const Rational kFarTail = {
      {6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
       2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7},
      {1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2, 7.86869131145613259100e-4,
       1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15}};
  double q = p - 0.5;
  if (std::abs(q) <= 0.425)
    return q * kMiddle(0.180625 - q * q);
  double r = std::sqrt(-portableLog(q < 0 ? p : 1 - p));
  double x = r <= 5 ? kTail(r - 1.6) : kFarTail(r - 5);
  return q < 0 ? -x : x;
}

/// The tensor being filled.
struct Target {
  CounterRandom random;
  const std::vector<int64_t> &shape;
  const Initializer &initializer;
  std::vector<float> values;

  template <typename At> void fill(const At &at) {
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<float>(at(i));
  }
  double uniform(uint64_t index, double low, double high) const { return low + (high - low) * random.uniform(index); }
};

void fillTruncatedNormal(Target &target) {
  constexpr double kBound = 2;
  double mean = target.initializer.a, deviation = target.initializer.b;
  target.fill([&](size_t i) {
    double x = mean + deviation * inverseNormal(target.random.uniform(i));
    return std::clamp(x, mean - kBound, mean + kBound);
  });
}

void fillKaimingUniform(Target &target) {
  double slope = target.initializer.a;
  double fanIn = static_cast<double>(target.values.size()) / static_cast<double>(target.shape.empty() ? 1 : target.shape[0]);
  double bound = std::sqrt(6.0 / ((1 + slope * slope) * fanIn));
  target.fill([&](size_t i) { return target.uniform(i, -bound, bound); });
}

void fillSoftmaxUniform(Target &target) {
  size_t width = target.shape.empty() ? 1 : static_cast<size_t>(target.shape.back());
  std::vector<double> row(width);
  for (size_t first = 0; first < target.values.size(); first += width) {
    double sum = 0;
    for (size_t i = 0; i < width; ++i)
      sum += row[i] = portableExp(target.uniform(first + i, target.initializer.a, target.initializer.b) - target.initializer.b);
    for (size_t i = 0; i < width; ++i)
      target.values[first + i] = static_cast<float>(row[i] / sum);
  }
}

using Fill = void (*)(Target &target);

const std::map<std::string, Fill> &fills() {
  static const std::map<std::string, Fill> table = {
      {"zeros", [](Target &target) { target.fill([](size_t) { return 0.0; }); }},
      {"ones", [](Target &target) { target.fill([](size_t) { return 1.0; }); }},
      {"constant", [](Target &target) { target.fill([&](size_t) { return target.initializer.a; }); }},
      {"uniform",
       [](Target &target) {
         target.fill([&](size_t i) { return target.uniform(i, target.initializer.a, target.initializer.b); });
       }},
      {"trunc_normal", fillTruncatedNormal},
      {"kaiming_uniform", fillKaimingUniform},
      {"softmax_uniform", fillSoftmaxUniform},
  };
  return table;
}

} // namespace

Result<std::vector<float>> initialize(uint64_t seed, const std::string &name, const std::vector<int64_t> &shape,
                                      const Initializer &initializer) {
  auto fill = fills().find(initializer.kind);
  if (fill == fills().end())
    return Status::invalid("parameter `" + name + "` has unknown initialiser `" + initializer.kind + "`");
  int64_t count = 1;
  for (int64_t size : shape)
    if (size < 1 || __builtin_mul_overflow(count, size, &count) || count > (int64_t(1) << 40))
      return Status::invalid("parameter `" + name + "` has an impossible shape");
  Target target{CounterRandom(seed, name), shape, initializer, std::vector<float>(static_cast<size_t>(count))};
  fill->second(target);
  return std::move(target.values);
}

} // namespace archrt
