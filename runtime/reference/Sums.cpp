// mf.channel_sum and mf.batch_sum: what a parameter that many elements read gets of each. The declared result says what is summed.

#include "runtime/reference/Arithmetic.h"
#include "runtime/reference/OpDefinition.h"

namespace archrt::reference {
namespace {

/// [C], or [1] where that is declared: then over the channels too.
struct ChannelSum {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.activation(0), *other = call.optional(1);
    if (!call.ok() || !call.expectSize(other, x.size()))
      return;
    int64_t numbers = call.declared == Shape{1} ? 1 : x.channels(), rows = x.size() / numbers;
    if (!call.allocate({numbers}))
      return;
    for (int64_t c = 0; c < numbers; ++c)
      call.result.data[c] = pairwiseSum<T>(0, rows, [&](int64_t row) {
        T value = x.data[row * numbers + c];
        return other ? value * other->data[row * numbers + c] : value;
      });
  }
};

/// [C,H,W], [1,C,H,W] or [H*W].
struct BatchSum {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.activation(0);
    if (!call.ok())
      return;
    int64_t images = x.shape[0], channels = x.channels(), tokens = x.size() / images / channels;
    if (!call.allocate(call.declared.empty() ? Shape{channels, tokens, 1} : call.declared) ||
        !call.expect(call.result.rank() == 1 ? call.result.size() == tokens : call.result.size() == channels * tokens,
                     "x has shape " + toString(x.shape) + ", the result " + toString(call.result.shape)))
      return;
    bool perPosition = call.result.rank() == 1;
    int64_t summed = perPosition ? channels : 1; // neighbours that go to one number
    for (int64_t i = 0; i < call.result.size(); ++i) {
      int64_t first = perPosition ? i * channels : i % tokens * channels + i / tokens;
      call.result.data[i] = pairwiseSum<T>(
          0, images * summed, [&](int64_t k) { return x.data[k / summed * tokens * channels + first + k % summed]; });
    }
  }
};

const bool registered = registerOp<ChannelSum>("mf.channel_sum") && registerOp<BatchSum>("mf.batch_sum");

} // namespace
} // namespace archrt::reference
