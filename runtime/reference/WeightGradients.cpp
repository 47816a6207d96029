// Gradients of weights: sums over all rows of all images of products of dy and what the layer read.

#include "runtime/reference/Arithmetic.h"
#include "runtime/reference/OpDefinition.h"
#include "runtime/reference/Window.h"

namespace archrt::reference {
namespace {

template <typename T> bool expectPositions(OpCall<T> &call, const Tensor<T> &dy, const Shape &expected) {
  return call.expect(Shape(dy.shape.begin(), dy.shape.end() - 1) == expected,
                     "dy has shape " + toString(dy.shape) + "; expected positions " + toString(expected));
}

/// The result is [O, I], or [O, I, 1, 1] where that is declared.
struct LinearWeightGradient {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.activation(0), &dy = call.activation(1);
    if (!call.ok() || !expectPositions(call, dy, Shape(x.shape.begin(), x.shape.end() - 1)) ||
        !call.allocate(call.declared.size() == 4 ? Shape{dy.channels(), x.channels(), 1, 1} : Shape{dy.channels(), x.channels()}))
      return;
    parallelFor(dy.channels(), [&](int64_t begin, int64_t end) {
      for (int64_t row = 0; row < x.positions(); ++row)
        for (int64_t o = begin; o < end; ++o) {
          T gradient = dy.data[row * dy.channels() + o];
          for (int64_t i = 0; i < x.channels(); ++i)
            call.result.data[o * x.channels() + i] += gradient * x.data[row * x.channels() + i];
        }
    });
  }
};

/// Adds the products of one output position to the gradients of filters [begin, end); i counts inside the filter's group.
template <typename T> struct Correlation {
  const Tensor<T> &x, &dy;
  const Window &window;
  int64_t groups;

  void addPosition(int64_t begin, int64_t end, int64_t position, Tensor<T> &result) const {
    int64_t j = position % dy.shape[2], i = position / dy.shape[2] % dy.shape[1], image = position / dy.shape[2] / dy.shape[1];
    int64_t channels = x.channels() / groups, filters = dy.channels() / groups, area = window.kernelHeight * window.kernelWidth;
    for (int64_t tap = 0; tap < area; ++tap) {
      int64_t row = window.row(i, tap / window.kernelWidth), column = window.column(j, tap % window.kernelWidth);
      if (!window.contains(row, column))
        continue;
      const T *pixel = x.data.data() + ((image * window.height + row) * window.width + column) * x.channels();
      for (int64_t o = begin; o < end; ++o)
        for (int64_t c = 0; c < channels; ++c)
          result.data[(o * channels + c) * area + tap] +=
              dy.data[position * dy.channels() + o] * pixel[o / filters * channels + c];
    }
  }
};

template <typename T> void correlate(OpCall<T> &call, const Shape &kernel, const Shape &stride, int64_t groups) {
  const Tensor<T> &x = call.map(0), &dy = call.map(1);
  Shape padding = call.pair("padding");
  if (!call.ok())
    return;
  Window window{x.shape[1], x.shape[2], kernel[0], kernel[1], stride, padding};
  if (!checkWindow(call, window) || !expectPositions(call, dy, {x.shape[0], window.outHeight(), window.outWidth()}) ||
      !call.expect(groups > 0 && x.channels() % groups == 0 && dy.channels() % groups == 0,
                   "x has shape " + toString(x.shape) + ", dy " + toString(dy.shape) + "; they do not fit with " +
                       std::to_string(groups) + " groups") ||
      !call.allocate({dy.channels(), x.channels() / groups, kernel[0], kernel[1]}))
    return;
  parallelFor(dy.channels(), [&](int64_t begin, int64_t end) {
    for (int64_t position = 0; position < dy.positions(); ++position)
      Correlation<T>{x, dy, window, groups}.addPosition(begin, end, position, call.result);
  });
}

struct Conv2DWeightGradient {
  template <typename T> static void evaluate(OpCall<T> &call) {
    correlate(call, call.pair("kernel"), call.pair("stride"), call.template attribute<int64_t>("groups"));
  }
};

struct DepthwiseWeightGradient {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.map(0), &dy = call.map(1);
    Shape kernel = call.pair("kernel");
    if (call.ok() &&
        call.expect(x.channels() == dy.channels(), "x has shape " + toString(x.shape) + ", dy " + toString(dy.shape)))
      correlate(call, kernel, {1, 1}, x.channels());
  }
};

/// [T, T] from two maps of T positions.
struct SpatialWeightGradient {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.map(0), &dy = call.map(1);
    if (!call.ok() || !call.expect(x.shape == dy.shape, "x has shape " + toString(x.shape) + ", dy " + toString(dy.shape)))
      return;
    int64_t tokens = x.shape[1] * x.shape[2], channels = x.channels();
    if (!call.allocate({tokens, tokens}))
      return;
    parallelFor(tokens * tokens, [&](int64_t begin, int64_t end) {
      for (int64_t entry = begin; entry < end; ++entry)
        for (int64_t image = 0; image < x.shape[0]; ++image) {
          const T *to = dy.data.data() + (image * tokens + entry / tokens) * channels;
          const T *from = x.data.data() + (image * tokens + entry % tokens) * channels;
          for (int64_t c = 0; c < channels; ++c)
            call.result.data[entry] += to[c] * from[c];
        }
    });
  }
};

const bool registered = registerOp<LinearWeightGradient>("mf.linear_weight_grad") &&
                        registerOp<Conv2DWeightGradient>("mf.conv2d_weight_grad") &&
                        registerOp<DepthwiseWeightGradient>("mf.depthwise_weight_grad") &&
                        registerOp<SpatialWeightGradient>("mf.spatial_weight_grad");

} // namespace
} // namespace archrt::reference
