// mf.attention: softmax(scale * q k^T) v over the positions of an image, head by head.

#include "runtime/reference/Arithmetic.h"
#include "runtime/reference/OpDefinition.h"

#include <algorithm>
#include <cmath>

namespace archrt::reference {
namespace {

/// Of one image and head; a token's q, k, v start at `qkv + token * stride + {0, 1, 2} * part`.
template <typename T> struct Head {
  const T *qkv;
  int64_t tokens, dim, stride, part;

  const T *query(int64_t token) const { return qkv + token * stride; }
  const T *key(int64_t token) const { return query(token) + part; }
  const T *value(int64_t token) const { return query(token) + 2 * part; }
};

template <typename T> void softmax(std::vector<T> &scores) {
  T largest = *std::max_element(scores.begin(), scores.end());
  for (T &score : scores)
    score = std::exp(score - largest);
  T sum = pairwiseSum<T>(0, static_cast<int64_t>(scores.size()), [&](int64_t i) { return scores[i]; });
  for (T &score : scores)
    score /= sum;
}

template <typename T> void attend(const Head<T> &head, int64_t token, T scale, T *y) {
  std::vector<T> weights(static_cast<size_t>(head.tokens));
  for (int64_t s = 0; s < head.tokens; ++s) {
    T dot = 0;
    for (int64_t i = 0; i < head.dim; ++i)
      dot += head.query(token)[i] * head.key(s)[i];
    weights[s] = dot * scale;
  }
  softmax(weights);
  for (int64_t s = 0; s < head.tokens; ++s)
    for (int64_t i = 0; i < head.dim; ++i)
      y[i] += weights[s] * head.value(s)[i];
}

struct Attention {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &qkv = call.map(0);
    int64_t heads = call.template attribute<int64_t>("heads"), dim = call.template attribute<int64_t>("head_dim");
    T scale = T(call.template attribute<double>("scale"));
    if (!call.ok() || !call.expect(heads > 0 && dim > 0 && qkv.channels() % 3 == 0 && qkv.channels() / 3 / heads == dim &&
                                       qkv.channels() / 3 % heads == 0,
                                   "qkv has shape " + toString(qkv.shape) + "; expected 3 * heads * head_dim channels"))
      return;
    int64_t tokens = qkv.shape[1] * qkv.shape[2], part = heads * dim;
    if (!call.allocate({qkv.shape[0], qkv.shape[1], qkv.shape[2], part}))
      return;
    parallelFor(qkv.shape[0] * tokens, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row)
        for (int64_t head = 0; head < heads; ++head) {
          const T *image = qkv.data.data() + row / tokens * tokens * 3 * part;
          attend(Head<T>{image + head * dim, tokens, dim, 3 * part, part}, row % tokens, scale,
                 call.result.data.data() + row * part + head * dim);
        }
    });
  }
};

const bool registered = registerOp<Attention>("mf.attention");

} // namespace
} // namespace archrt::reference
