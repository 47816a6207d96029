// mf.spatial_matmul: one T x T matrix mixes the positions of every channel.

#include "runtime/reference/Arithmetic.h"
#include "runtime/reference/OpDefinition.h"

namespace archrt::reference {
namespace {

struct SpatialMatmul {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.map(0), &matrix = call.required(1), *bias = call.optional(2);
    if (!call.ok())
      return;
    int64_t tokens = x.shape[1] * x.shape[2], channels = x.channels();
    if (!call.expectSize(&matrix, tokens * tokens) || !call.expectSize(bias, tokens) || !call.allocate(x.shape))
      return;
    parallelFor(x.shape[0] * tokens, [&](int64_t begin, int64_t end) {
      for (int64_t token = begin; token < end; ++token) {
        const T *image = x.data.data() + token / tokens * tokens * channels;
        const T *row = matrix.data.data() + token % tokens * tokens;
        T *y = call.result.data.data() + token * channels;
        for (int64_t s = 0; s < tokens; ++s)
          for (int64_t c = 0; c < channels; ++c)
            y[c] += row[s] * image[s * channels + c];
        if (bias)
          for (int64_t c = 0; c < channels; ++c)
            y[c] += bias->data[token % tokens];
      }
    });
  }
};

const bool registered = registerOp<SpatialMatmul>("mf.spatial_matmul");

} // namespace
} // namespace archrt::reference
