// Activations: one expression each.

#include "runtime/reference/OpDefinition.h"

#include <cmath>

namespace archrt::reference {
namespace {

template <typename T> T clampBelow(T x) { return x > T(0) || x != x ? x : T(0); } // keeps NaN, as PyTorch does

struct Relu {
  template <typename T> static T apply(T x) { return clampBelow(x); }
};
struct SquaredRelu {
  template <typename T> static T apply(T x) { return clampBelow(x) * clampBelow(x); }
};
struct Gelu {
  template <typename T> static T apply(T x) { return T(0.5) * x * (T(1) + std::erf(x * T(0.70710678118654752440))); }
};
struct GeluTanh {
  template <typename T> static T apply(T x) {
    T inner = T(0.79788456080286535588) * (x + T(0.044715) * x * x * x);
    return T(0.5) * x * (T(1) + std::tanh(inner));
  }
};
struct Silu {
  template <typename T> static T apply(T x) { return x / (T(1) + std::exp(-x)); }
};
struct HardSwish {
  template <typename T> static T apply(T x) {
    T gate = clampBelow(x + T(3));
    return x * (gate > T(6) ? T(6) : gate) / T(6);
  }
};

struct Step {
  template <typename T> static T apply(T x) { return x > T(0) ? T(1) : T(0); }
};

template <typename Function> struct Elementwise {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.activation(0);
    if (!call.ok() || !call.allocate(x.shape))
      return;
    for (int64_t i = 0; i < x.size(); ++i)
      call.result.data[i] = Function::apply(x.data[i]);
  }
};

/// scale * relu(x)^2 + bias, with operands of one number or one per channel; an attribute stands in for an absent operand.
struct StarRelu {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.activation(0);
    if (!call.ok() || !call.allocate(x.shape))
      return;
    std::vector<T> scale = perChannel(call, 1, "scale_value"), bias = perChannel(call, 2, "bias_value");
    if (!call.ok())
      return;
    for (int64_t i = 0; i < x.size(); ++i)
      call.result.data[i] = scale[i % x.channels()] * SquaredRelu::apply(x.data[i]) + bias[i % x.channels()];
  }

private:
  template <typename T> static std::vector<T> perChannel(OpCall<T> &call, size_t index, const char *attribute) {
    auto channels = static_cast<size_t>(call.result.channels());
    const Tensor<T> *operand = call.optional(index);
    if (!operand)
      return std::vector<T>(channels, T(call.template attribute<double>(attribute)));
    if (operand->size() == 1)
      return std::vector<T>(channels, operand->data[0]);
    call.expectSize(operand, call.result.channels());
    return operand->data;
  }
};

const bool registered = registerOp<Elementwise<Relu>>("mf.relu") && registerOp<Elementwise<SquaredRelu>>("mf.squared_relu") &&
                        registerOp<Elementwise<Gelu>>("mf.gelu") && registerOp<Elementwise<GeluTanh>>("mf.gelu_tanh") &&
                        registerOp<Elementwise<Silu>>("mf.silu") && registerOp<Elementwise<HardSwish>>("mf.hardswish") &&
                        registerOp<Elementwise<Step>>("mf.step") && registerOp<StarRelu>("mf.star_relu");

} // namespace
} // namespace archrt::reference
