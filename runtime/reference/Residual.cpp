// mf.add, mf.scale, mf.add_position: what ties a block's branches together.

#include "runtime/reference/OpDefinition.h"

namespace archrt::reference {
namespace {

struct Add {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.activation(0), &y = call.activation(1);
    if (!call.ok() ||
        !call.expect(x.shape == y.shape, "operands have shapes " + toString(x.shape) + " and " + toString(y.shape)) ||
        !call.allocate(x.shape))
      return;
    for (int64_t i = 0; i < x.size(); ++i)
      call.result.data[i] = x.data[i] + y.data[i];
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

/// The position is [1,C,H,W], x is [N,H,W,C].
struct AddPosition {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.map(0), &position = call.required(1);
    if (!call.ok())
      return;
    int64_t channels = x.channels(), tokens = x.shape[1] * x.shape[2];
    if (!call.expectSize(&position, channels * tokens) || !call.allocate(x.shape))
      return;
    for (int64_t i = 0; i < x.size(); ++i)
      call.result.data[i] = x.data[i] + position.data[i % channels * tokens + i / channels % tokens];
  }
};

const bool registered = registerOp<Add>("mf.add") && registerOp<Scale>("mf.scale") && registerOp<AddPosition>("mf.add_position");

} // namespace
} // namespace archrt::reference
