// The norms. Variances are biased (divided by n) and computed from the mean, never as E[x^2] - E[x]^2.

#include "runtime/reference/Arithmetic.h"
#include "runtime/reference/OpDefinition.h"

#include <cmath>

namespace archrt::reference {
namespace {

template <typename T> struct Statistics { T mean, reciprocalDeviation; };

/// Of the `count` numbers that `at(0)`, `at(1)`, ... return.
template <typename T, typename At> Statistics<T> statisticsOf(int64_t count, double eps, const At &at) {
  T mean = pairwiseSum<T>(0, count, at) / T(count);
  T variance = pairwiseSum<T>(0, count, [&](int64_t i) { return (at(i) - mean) * (at(i) - mean); }) / T(count);
  return {mean, T(1) / std::sqrt(variance + T(eps))};
}

/// y = x * weight[i] + bias[i]; an absent operand changes nothing.
template <typename T> T affine(T x, const Tensor<T> *weight, const Tensor<T> *bias, int64_t i) {
  if (weight)
    x = x * weight->data[i];
  return bias ? x + bias->data[i] : x;
}

struct LayerNorm {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.activation(0), *weight = call.optional(1), *bias = call.optional(2);
    double eps = call.template attribute<double>("eps");
    if (!call.ok() || !call.expectSize(weight, x.channels()) || !call.expectSize(bias, x.channels()) || !call.allocate(x.shape))
      return;
    int64_t channels = x.channels();
    for (int64_t first = 0; first < x.size(); first += channels) {
      auto s = statisticsOf<T>(channels, eps, [&](int64_t c) { return x.data[first + c]; });
      for (int64_t c = 0; c < channels; ++c)
        call.result.data[first + c] = affine((x.data[first + c] - s.mean) * s.reciprocalDeviation, weight, bias, c);
    }
  }
};

/// Weight and bias are [C,H,W] (PyTorch's order), x is [N,H,W,C] or [N,C].
struct LayerNormCHW {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.activation(0), *weight = call.optional(1), *bias = call.optional(2);
    double eps = call.template attribute<double>("eps");
    if (!call.ok())
      return;
    int64_t channels = x.channels(), count = x.size() / x.shape[0], positions = count / channels;
    if (!call.expectSize(weight, count) || !call.expectSize(bias, count) || !call.allocate(x.shape))
      return;
    for (int64_t first = 0; first < x.size(); first += count) {
      auto s = statisticsOf<T>(count, eps, [&](int64_t i) { return x.data[first + i]; });
      for (int64_t i = 0; i < count; ++i) {
        int64_t chw = i % channels * positions + i / channels;
        call.result.data[first + i] = affine((x.data[first + i] - s.mean) * s.reciprocalDeviation, weight, bias, chw);
      }
    }
  }
};

struct GroupNorm {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.activation(0), *weight = call.optional(1), *bias = call.optional(2);
    double eps = call.template attribute<double>("eps");
    int64_t groups = call.template attribute<int64_t>("groups");
    if (!call.ok() || !call.expectSize(weight, x.channels()) || !call.expectSize(bias, x.channels()) ||
        !call.expect(groups > 0 && x.channels() % groups == 0,
                     std::to_string(groups) + " groups do not divide " + std::to_string(x.channels()) + " channels") ||
        !call.allocate(x.shape))
      return;
    int64_t channels = x.channels(), width = channels / groups, image = x.size() / x.shape[0], count = image / groups;
    for (int64_t part = 0; part < x.shape[0] * groups; ++part) {
      int64_t group = part % groups, origin = part / groups * image + group * width;
      auto offset = [&](int64_t i) { return origin + i / width * channels + i % width; };
      auto s = statisticsOf<T>(count, eps, [&](int64_t i) { return x.data[offset(i)]; });
      for (int64_t i = 0; i < count; ++i)
        call.result.data[offset(i)] =
            affine((x.data[offset(i)] - s.mean) * s.reciprocalDeviation, weight, bias, group * width + i % width);
    }
  }
};

/// With the running statistics, as at inference.
struct BatchNorm {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.activation(0), &mean = call.required(1), &variance = call.required(2);
    const Tensor<T> *weight = call.optional(3), *bias = call.optional(4);
    double eps = call.template attribute<double>("eps");
    if (!call.ok())
      return;
    for (const Tensor<T> *parameter : {&mean, &variance, weight, bias})
      if (!call.expectSize(parameter, x.channels()))
        return;
    if (!call.allocate(x.shape))
      return;
    for (int64_t i = 0; i < x.size(); ++i) {
      int64_t c = i % x.channels();
      T deviation = std::sqrt(variance.data[c] + T(eps));
      call.result.data[i] = affine((x.data[i] - mean.data[c]) / deviation, weight, bias, c);
    }
  }
};

struct RMSNorm {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.activation(0), *weight = call.optional(1);
    double eps = call.template attribute<double>("eps");
    if (!call.ok() || !call.expectSize(weight, x.channels()) || !call.allocate(x.shape))
      return;
    int64_t channels = x.channels();
    for (int64_t first = 0; first < x.size(); first += channels) {
      T square = pairwiseSum<T>(0, channels, [&](int64_t c) { return x.data[first + c] * x.data[first + c]; });
      T scale = T(1) / std::sqrt(square / T(channels) + T(eps));
      for (int64_t c = 0; c < channels; ++c)
        call.result.data[first + c] = affine<T>(x.data[first + c] * scale, weight, nullptr, c);
    }
  }
};

const bool registered = registerOp<LayerNorm>("mf.layer_norm") && registerOp<LayerNormCHW>("mf.layer_norm_chw") &&
                        registerOp<GroupNorm>("mf.group_norm") && registerOp<BatchNorm>("mf.batch_norm") &&
                        registerOp<RMSNorm>("mf.rms_norm");

} // namespace
} // namespace archrt::reference
