// Gradients of the norms without their affine parts: g is the gradient of the normalised map.

#include "runtime/reference/Arithmetic.h"
#include "runtime/reference/OpDefinition.h"

#include <cmath>

namespace archrt::reference {
namespace {

template <typename T> struct NormTerms {
  bool center;
  double eps;

  /// Of `count` numbers x and g that lie at offset(0), offset(1), ...
  template <typename Offset> void apply(OpCall<T> &call, int64_t count, const Offset &offset) const {
    const Tensor<T> &x = call.required(0), &g = call.required(1);
    auto mean = [&](const auto &term) { return pairwiseSum<T>(0, count, term) / T(count); };
    T middle = center ? mean([&](int64_t i) { return x.data[offset(i)]; }) : T(0);
    T variance = mean([&](int64_t i) { return (x.data[offset(i)] - middle) * (x.data[offset(i)] - middle); });
    T reciprocal = T(1) / std::sqrt(variance + T(eps));
    auto normalized = [&](int64_t i) { return (x.data[offset(i)] - middle) * reciprocal; };
    T meanGradient = center ? mean([&](int64_t i) { return g.data[offset(i)]; }) : T(0);
    T projection = mean([&](int64_t i) { return g.data[offset(i)] * normalized(i); });
    for (int64_t i = 0; i < count; ++i)
      call.result.data[offset(i)] = reciprocal * (g.data[offset(i)] - meanGradient - normalized(i) * projection);
  }
};

template <typename T> bool prepare(OpCall<T> &call) {
  const Tensor<T> &x = call.activation(0), &g = call.activation(1);
  return call.ok() && call.expect(x.shape == g.shape, "x has shape " + toString(x.shape) + ", g " + toString(g.shape)) &&
         call.allocate(x.shape);
}

/// Over the channels of a position.
template <bool center> struct PositionNorm {
  template <typename T> static void evaluate(OpCall<T> &call) {
    NormTerms<T> terms{center, call.template attribute<double>("eps")};
    if (!prepare(call))
      return;
    int64_t channels = call.result.channels();
    for (int64_t first = 0; first < call.result.size(); first += channels)
      terms.apply(call, channels, [&](int64_t i) { return first + i; });
  }
};

/// Over the positions of neighbouring channels of one image.
struct GroupNorm {
  template <typename T> static void evaluate(OpCall<T> &call) {
    NormTerms<T> terms{true, call.template attribute<double>("eps")};
    auto groups = call.template attribute<int64_t>("groups");
    if (!prepare(call))
      return;
    int64_t channels = call.result.channels(), image = call.result.size() / call.result.shape[0];
    if (!call.expect(groups > 0 && channels % groups == 0,
                     std::to_string(groups) + " groups do not divide " + std::to_string(channels) + " channels"))
      return;
    int64_t width = channels / groups;
    for (int64_t part = 0; part < call.result.shape[0] * groups; ++part) {
      int64_t origin = part / groups * image + part % groups * width;
      terms.apply(call, image / groups, [&](int64_t i) { return origin + i / width * channels + i % width; });
    }
  }
};

const bool registered = registerOp<PositionNorm<true>>("mf.layer_norm_grad") &&
                        registerOp<PositionNorm<false>>("mf.rms_norm_grad") && registerOp<GroupNorm>("mf.group_norm_grad");

} // namespace
} // namespace archrt::reference
