// mf.pool_mix_grad, mf.global_avg_pool_grad, mf.attention_grad.

#include "runtime/reference/Arithmetic.h"
#include "runtime/reference/OpDefinition.h"

#include <algorithm>
#include <cmath>

namespace archrt::reference {
namespace {

/// Each window's mean gives dy / cells to every position inside.
struct PoolMix {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &dy = call.map(0);
    auto size = call.template attribute<int64_t>("size");
    if (!call.ok() || !call.expect(size > 0 && size % 2 == 1, "size is " + std::to_string(size) + "; expected an odd number") ||
        !call.allocate(dy.shape))
      return;
    parallelFor(dy.shape[0], [&](int64_t begin, int64_t end) {
      for (int64_t row = begin * dy.shape[1]; row < end * dy.shape[1]; ++row)
        for (int64_t column = 0; column < dy.shape[2]; ++column)
          scatter(dy, size / 2, row, column, call.result);
    });
  }

private:
  /// `row` counts through all images.
  template <typename T> static void scatter(const Tensor<T> &dy, int64_t reach, int64_t row, int64_t column, Tensor<T> &result) {
    int64_t height = dy.shape[1], width = dy.shape[2], channels = dy.channels(), h = row % height;
    int64_t top = std::max<int64_t>(h - reach, 0), bottom = std::min(h + reach, height - 1);
    int64_t left = std::max<int64_t>(column - reach, 0), right = std::min(column + reach, width - 1);
    auto offset = [&](int64_t atRow, int64_t atColumn) { return ((row - h + atRow) * width + atColumn) * channels; };
    T cells = T((bottom - top + 1) * (right - left + 1));
    const T *from = dy.data.data() + offset(h, column);
    for (int64_t i = top; i <= bottom; ++i)
      for (int64_t j = left; j <= right; ++j)
        for (int64_t c = 0; c < channels; ++c)
          result.data[offset(i, j) + c] += from[c] / cells;
    for (int64_t c = 0; c < channels; ++c)
      result.data[offset(h, column) + c] -= from[c];
  }
};

struct GlobalAvgPool {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &dy = call.activation(0);
    auto height = call.template attribute<int64_t>("height"), width = call.template attribute<int64_t>("width");
    if (!call.ok() || !call.expectRank(dy, 2) || !call.allocate({dy.shape[0], height, width, dy.shape[1]}))
      return;
    int64_t channels = dy.channels(), image = height * width * channels;
    for (int64_t i = 0; i < call.result.size(); ++i)
      call.result.data[i] = dy.data[i / image * channels + i % channels] / T(height * width);
  }
};

/// Of one image and head; a token's q, k, v start at `qkv + token * stride + {0, 1, 2} * part`, and so do their gradients.
template <typename T> struct Head {
  const T *qkv, *dout;
  T *result;
  int64_t tokens, dim, part;
  T scale;

  const T *query(int64_t token) const { return qkv + token * 3 * part; }
  const T *key(int64_t token) const { return query(token) + part; }
  const T *value(int64_t token) const { return query(token) + 2 * part; }
  const T *gradient(int64_t token) const { return dout + token * part; }

  T dot(const T *a, const T *b) const {
    T sum = 0;
    for (int64_t i = 0; i < dim; ++i)
      sum += a[i] * b[i];
    return sum;
  }
  void add(T factor, const T *from, T *to) const {
    for (int64_t i = 0; i < dim; ++i)
      to[i] += factor * from[i];
  }

  std::vector<T> softmaxOf(int64_t token) const {
    std::vector<T> weights(static_cast<size_t>(tokens));
    for (int64_t s = 0; s < tokens; ++s)
      weights[s] = dot(query(token), key(s)) * scale;
    T largest = *std::max_element(weights.begin(), weights.end());
    for (T &weight : weights)
      weight = std::exp(weight - largest);
    T sum = pairwiseSum<T>(0, tokens, [&](int64_t s) { return weights[s]; });
    for (T &weight : weights)
      weight /= sum;
    return weights;
  }

  /// What one query's row of the score matrix adds to all gradients.
  void addRow(int64_t token) const {
    std::vector<T> weights = softmaxOf(token), slopes(weights.size());
    for (int64_t s = 0; s < tokens; ++s)
      slopes[s] = dot(gradient(token), value(s));
    T middle = pairwiseSum<T>(0, tokens, [&](int64_t s) { return weights[s] * slopes[s]; });
    for (int64_t s = 0; s < tokens; ++s) {
      T score = weights[s] * (slopes[s] - middle) * scale;
      add(score, key(s), result + token * 3 * part);
      add(score, query(token), result + s * 3 * part + part);
      add(weights[s], gradient(token), result + s * 3 * part + 2 * part);
    }
  }
};

struct Attention {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &qkv = call.map(0), &dout = call.map(1);
    auto heads = call.template attribute<int64_t>("heads"), dim = call.template attribute<int64_t>("head_dim");
    T scale = T(call.template attribute<double>("scale"));
    if (!call.ok() ||
        !call.expect(heads > 0 && dim > 0 && qkv.channels() == 3 * dout.channels() && dout.channels() % heads == 0 &&
                         dout.channels() / heads == dim && dout.positions() == qkv.positions(),
                     "qkv has shape " + toString(qkv.shape) + ", dout " + toString(dout.shape)) ||
        !call.allocate(qkv.shape))
      return;
    int64_t tokens = qkv.shape[1] * qkv.shape[2], part = dout.channels();
    parallelFor(qkv.shape[0] * heads, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        int64_t image = i / heads * tokens * part, channel = i % heads * dim;
        Head<T> head{qkv.data.data() + 3 * image + channel,
                     dout.data.data() + image + channel,
                     call.result.data.data() + 3 * image + channel,
                     tokens,
                     dim,
                     part,
                     scale};
        for (int64_t token = 0; token < tokens; ++token)
          head.addRow(token);
      }
    });
  }
};

const bool registered = registerOp<PoolMix>("mf.pool_mix_grad") && registerOp<GlobalAvgPool>("mf.global_avg_pool_grad") &&
                        registerOp<Attention>("mf.attention_grad");

} // namespace
} // namespace archrt::reference
