// mf.add, mf.mul, mf.scale, mf.affine, mf.add_position, mf.scale_position, mf.drop_path: what ties a block's branches together.

#include "runtime/reference/OpDefinition.h"

namespace archrt::reference {
namespace {

/// Allocates the result when both operands are there and alike.
template <typename T> bool prepareTwoMaps(OpCall<T> &call) {
  const Tensor<T> &x = call.activation(0), &y = call.activation(1);
  return call.ok() &&
         call.expect(x.shape == y.shape, "operands have shapes " + toString(x.shape) + " and " + toString(y.shape)) &&
         call.allocate(x.shape);
}

struct Add {
  template <typename T> static void evaluate(OpCall<T> &call) {
    if (!prepareTwoMaps(call))
      return;
    for (int64_t i = 0; i < call.result.size(); ++i)
      call.result.data[i] = call.required(0).data[i] + call.required(1).data[i];
  }
};

struct Mul {
  template <typename T> static void evaluate(OpCall<T> &call) {
    T factor = T(call.template attribute<double>("factor"));
    if (!prepareTwoMaps(call))
      return;
    for (int64_t i = 0; i < call.result.size(); ++i)
      call.result.data[i] = call.required(0).data[i] * call.required(1).data[i] * factor;
  }
};

/// Factors are [N, sites].
struct DropPath {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.activation(0), &factors = call.activation(1);
    auto site = call.template attribute<int64_t>("site");
    if (!call.ok() || !call.expectRank(factors, 2) ||
        !call.expect(factors.shape[0] == x.shape[0] && site >= 0 && site < factors.shape[1],
                     "factors have shape " + toString(factors.shape) + ", x " + toString(x.shape) + "; site is " +
                         std::to_string(site)) ||
        !call.allocate(x.shape))
      return;
    int64_t image = x.size() / x.shape[0];
    for (int64_t i = 0; i < x.size(); ++i)
      call.result.data[i] = x.data[i] * factors.data[i / image * factors.shape[1] + site];
  }
};

struct Scale {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.activation(0), &gamma = call.required(1);
    if (!call.ok() || !(gamma.size() == 1 || call.expectSize(&gamma, x.channels())) || !call.allocate(x.shape))
      return;
    for (int64_t i = 0; i < x.size(); ++i)
      call.result.data[i] = x.data[i] * gamma.data[gamma.size() == 1 ? 0 : i % x.channels()];
  }
};

struct Affine {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.activation(0), *scale = call.optional(1), *shift = call.optional(2);
    if (!call.ok())
      return;
    for (const Tensor<T> *operand : {scale, shift})
      if (operand && operand->size() != 1 && !call.expectSize(operand, x.channels()))
        return;
    if (!call.allocate(x.shape))
      return;
    auto at = [&](const Tensor<T> &operand, int64_t i) { return operand.data[operand.size() == 1 ? 0 : i % x.channels()]; };
    for (int64_t i = 0; i < x.size(); ++i) {
      T scaled = scale ? x.data[i] * at(*scale, i) : x.data[i];
      call.result.data[i] = shift ? scaled + at(*shift, i) : scaled;
    }
  }
};

struct Plus {
  template <typename T> static T apply(T x, T position) { return x + position; }
};
struct Times {
  template <typename T> static T apply(T x, T position) { return x * position; }
};

/// The position is [1,C,H,W] or [C,H,W], x is [N,H,W,C] or [N,C].
template <typename Function> struct WithPosition {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.activation(0), &position = call.required(1);
    if (!call.ok())
      return;
    int64_t channels = x.channels(), tokens = x.size() / x.shape[0] / channels;
    if (!call.expectSize(&position, channels * tokens) || !call.allocate(x.shape))
      return;
    for (int64_t i = 0; i < x.size(); ++i)
      call.result.data[i] = Function::apply(x.data[i], position.data[i % channels * tokens + i / channels % tokens]);
  }
};

const bool registered = registerOp<Add>("mf.add") && registerOp<Mul>("mf.mul") && registerOp<Scale>("mf.scale") &&
                        registerOp<Affine>("mf.affine") && registerOp<WithPosition<Plus>>("mf.add_position") &&
                        registerOp<WithPosition<Times>>("mf.scale_position") && registerOp<DropPath>("mf.drop_path");

} // namespace
} // namespace archrt::reference
