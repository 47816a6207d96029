// mf.adjoint_weight and mf.conv2d_transposed: what input gradients of layers with weights are made of.

#include "runtime/reference/Arithmetic.h"
#include "runtime/reference/OpDefinition.h"
#include "runtime/reference/Window.h"

#include <algorithm>

namespace archrt::reference {
namespace {

/// [O, I/groups, taps] -> [I, O/groups, taps in reverse]; a matrix has one tap.
struct AdjointWeight {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &weight = call.required(0);
    auto groups = call.template attribute<int64_t>("groups");
    if (!call.ok() || !call.expect(weight.rank() == 2 || weight.rank() == 4, "weight has shape " + toString(weight.shape)) ||
        !call.expect(groups > 0 && weight.shape[0] % groups == 0, std::to_string(groups) + " groups"))
      return;
    int64_t filters = weight.shape[0] / groups, channels = weight.shape[1];
    Shape shape = weight.shape;
    shape[0] = channels * groups;
    shape[1] = filters;
    if (!call.allocate(shape))
      return;
    int64_t taps = weight.size() / (weight.shape[0] * channels);
    for (int64_t o = 0; o < weight.shape[0]; ++o)
      for (int64_t c = 0; c < channels; ++c)
        for (int64_t tap = 0; tap < taps; ++tap) {
          int64_t i = o / filters * channels + c;
          call.result.data[(i * filters + o % filters) * taps + taps - 1 - tap] = weight.data[(o * channels + c) * taps + tap];
        }
  }
};

/// Each element of dy goes to the positions that its window covered. The weight is the adjoint one.
struct TransposedConv2D {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &dy = call.map(0), &weight = call.required(1);
    call.expectRank(weight, 4);
    Shape stride = call.pair("stride"), padding = call.pair("padding");
    auto height = call.template attribute<int64_t>("height"), width = call.template attribute<int64_t>("width"),
         groups = call.template attribute<int64_t>("groups");
    if (!call.ok())
      return;
    Window window{height, width, weight.shape[2], weight.shape[3], stride, padding};
    if (!checkWindow(call, window) ||
        !call.expect(height > 0 && width > 0 && std::max(height, width) < (1 << 20), "the result would have no positions") ||
        !call.expect(window.outHeight() == dy.shape[1] && window.outWidth() == dy.shape[2],
                     "dy has shape " + toString(dy.shape) + "; it does not fit a map of " + std::to_string(height) + " x " +
                         std::to_string(width)) ||
        !call.expect(groups > 0 && weight.shape[0] % groups == 0 && weight.shape[1] * groups == dy.channels(),
                     "weight has shape " + toString(weight.shape) + ", dy " + toString(dy.shape)) ||
        !call.allocate({dy.shape[0], height, width, weight.shape[0]}))
      return;
    parallelFor(dy.shape[0], [&](int64_t begin, int64_t end) {
      for (int64_t image = begin; image < end; ++image)
        for (int64_t i = 0; i < dy.shape[1]; ++i)
          for (int64_t j = 0; j < dy.shape[2]; ++j)
            scatter(call, window, groups, {image, i, j});
    });
  }

private:
  template <typename T> static void scatter(OpCall<T> &call, const Window &window, int64_t groups, const int64_t (&position)[3]) {
    const Tensor<T> &dy = call.required(0), &weight = call.required(1);
    int64_t filters = weight.shape[1], channels = weight.shape[0], area = window.kernelHeight * window.kernelWidth;
    const T *from = dy.data.data() + ((position[0] * dy.shape[1] + position[1]) * dy.shape[2] + position[2]) * dy.channels();
    for (int64_t tap = 0; tap < area; ++tap) {
      int64_t row = window.row(position[1], tap / window.kernelWidth),
              column = window.column(position[2], tap % window.kernelWidth);
      if (!window.contains(row, column))
        continue;
      T *to = call.result.data.data() + ((position[0] * window.height + row) * window.width + column) * channels;
      for (int64_t i = 0; i < channels; ++i)
        for (int64_t o = 0; o < filters; ++o)
          to[i] += from[i / (channels / groups) * filters + o] * weight.data[(i * filters + o) * area + area - 1 - tap];
    }
  }
};

const bool registered = registerOp<AdjointWeight>("mf.adjoint_weight") && registerOp<TransposedConv2D>("mf.conv2d_transposed");

} // namespace
} // namespace archrt::reference
