// mf.gelu_grad and the like: dy times the derivative, one expression each.

#include "runtime/reference/OpDefinition.h"

#include <cmath>

namespace archrt::reference {
namespace {

struct Gelu {
  template <typename T> static T derivative(T x) {
    T cumulative = T(0.5) * (T(1) + std::erf(x * T(0.70710678118654752440)));
    return cumulative + x * T(0.39894228040143267794) * std::exp(T(-0.5) * x * x);
  }
};
struct GeluTanh {
  template <typename T> static T derivative(T x) {
    T root = T(0.79788456080286535588), t = std::tanh(root * (x + T(0.044715) * x * x * x));
    return T(0.5) * (T(1) + t) + T(0.5) * x * (T(1) - t * t) * root * (T(1) + T(3 * 0.044715) * x * x);
  }
};
struct Silu {
  template <typename T> static T derivative(T x) {
    T sigmoid = T(1) / (T(1) + std::exp(-x));
    return sigmoid * (T(1) + x * (T(1) - sigmoid));
  }
};
struct Hardswish {
  template <typename T> static T derivative(T x) {
    if (x <= T(-3))
      return T(0);
    return x >= T(3) ? T(1) : (T(2) * x + T(3)) / T(6);
  }
};

template <typename Function> struct Gradient {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.activation(0), &dy = call.activation(1);
    if (!call.ok() ||
        !call.expect(x.shape == dy.shape, "operands have shapes " + toString(x.shape) + " and " + toString(dy.shape)) ||
        !call.allocate(x.shape))
      return;
    for (int64_t i = 0; i < x.size(); ++i)
      call.result.data[i] = dy.data[i] * Function::derivative(x.data[i]);
  }
};

const bool registered = registerOp<Gradient<Gelu>>("mf.gelu_grad") && registerOp<Gradient<GeluTanh>>("mf.gelu_tanh_grad") &&
                        registerOp<Gradient<Silu>>("mf.silu_grad") && registerOp<Gradient<Hardswish>>("mf.hardswish_grad");

} // namespace
} // namespace archrt::reference
