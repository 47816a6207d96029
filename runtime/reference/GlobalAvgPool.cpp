// mf.global_avg_pool: the mean over all positions, [N,H,W,C] -> [N,C].

#include "runtime/reference/Arithmetic.h"
#include "runtime/reference/OpDefinition.h"

namespace archrt::reference {
namespace {

struct GlobalAvgPool {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.map(0);
    if (!call.ok() || !call.allocate({x.shape[0], x.shape[3]}))
      return;
    int64_t channels = x.channels(), tokens = x.shape[1] * x.shape[2];
    for (int64_t i = 0; i < call.result.size(); ++i) {
      const T *first = x.data.data() + i / channels * tokens * channels + i % channels;
      call.result.data[i] = pairwiseSum<T>(0, tokens, [&](int64_t t) { return first[t * channels]; }) / T(tokens);
    }
  }
};

const bool registered = registerOp<GlobalAvgPool>("mf.global_avg_pool");

} // namespace
} // namespace archrt::reference
