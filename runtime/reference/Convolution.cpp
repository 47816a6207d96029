// mf.conv2d and mf.depthwise_conv2d: zero padding, timm's weight layout.

#include "runtime/reference/Arithmetic.h"
#include "runtime/reference/OpDefinition.h"
#include "runtime/reference/Window.h"

namespace archrt::reference {
namespace {

/// What one group of filters sees at one output position, in the order of a filter's weights: channel, row, column.
template <typename T>
void gatherPatch(const Tensor<T> &x, const Window &window, const int64_t (&position)[3], int64_t firstChannel,
                 std::vector<T> &patch) {
  int64_t area = window.kernelHeight * window.kernelWidth, channels = static_cast<int64_t>(patch.size()) / area;
  for (int64_t ky = 0; ky < window.kernelHeight; ++ky)
    for (int64_t kx = 0; kx < window.kernelWidth; ++kx) {
      int64_t row = window.row(position[1], ky), column = window.column(position[2], kx);
      bool inside = window.contains(row, column);
      const T *pixel =
          x.data.data() + ((position[0] * window.height + row) * window.width + column) * x.channels() + firstChannel;
      for (int64_t c = 0; c < channels; ++c)
        patch[c * area + ky * window.kernelWidth + kx] = inside ? pixel[c] : T(0);
    }
}

struct Conv2D {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.map(0), &weight = call.required(1);
    call.expectRank(weight, 4);
    Shape stride = call.pair("stride"), padding = call.pair("padding");
    int64_t groups = call.template attribute<int64_t>("groups");
    if (!call.ok())
      return;
    int64_t outputs = weight.shape[0];
    Window window{x.shape[1], x.shape[2], weight.shape[2], weight.shape[3], stride, padding};
    if (!checkWindow(call, window) || !call.expectSize(call.optional(2), outputs) ||
        !call.expect(groups > 0 && outputs > 0 && outputs % groups == 0 && x.channels() % groups == 0 &&
                         weight.shape[1] == x.channels() / groups,
                     "weight has shape " + toString(weight.shape) + ", x " + toString(x.shape) + "; they do not fit with " +
                         std::to_string(groups) + " groups") ||
        !call.allocate({x.shape[0], window.outHeight(), window.outWidth(), outputs}))
      return;
    for (int64_t group = 0; group < groups; ++group)
      evaluateGroup(call, window, group, outputs / groups);
  }

private:
  template <typename T> static void evaluateGroup(OpCall<T> &call, const Window &window, int64_t group, int64_t filters) {
    const Tensor<T> &x = call.required(0), &weight = call.required(1), *bias = call.optional(2);
    int64_t channels = weight.shape[1], patchSize = channels * window.kernelHeight * window.kernelWidth;
    int64_t firstFilter = group * filters, outputs = call.result.channels();
    TransposedMatrix<T> matrix(weight.data.data() + firstFilter * patchSize, filters, patchSize);
    parallelFor(call.result.positions(), [&](int64_t begin, int64_t end) {
      std::vector<T> patch(static_cast<size_t>(patchSize));
      for (int64_t i = begin; i < end; ++i) {
        int64_t row = i / window.outWidth();
        gatherPatch(x, window, {row / window.outHeight(), row % window.outHeight(), i % window.outWidth()}, group * channels,
                    patch);
        matrix.multiply(patch.data(), 1, bias ? bias->data.data() + firstFilter : nullptr,
                        call.result.data.data() + i * outputs + firstFilter);
      }
    });
  }
};

struct DepthwiseConv2D {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.map(0), &weight = call.required(1);
    call.expectRank(weight, 4);
    Shape padding = call.pair("padding");
    if (!call.ok())
      return;
    Window window{x.shape[1], x.shape[2], weight.shape[2], weight.shape[3], {1, 1}, padding};
    if (!checkWindow(call, window) || !call.expectSize(call.optional(2), x.channels()) ||
        !call.expect(weight.shape[0] == x.channels() && weight.shape[1] == 1, "weight has shape " + toString(weight.shape) +
                                                                                  "; expected [" + std::to_string(x.channels()) +
                                                                                  ", 1, kh, kw]") ||
        !call.allocate({x.shape[0], window.outHeight(), window.outWidth(), x.channels()}))
      return;
    std::vector<T> taps = tapsByPosition(weight);
    parallelFor(x.shape[0] * window.outHeight(), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row)
        for (int64_t column = 0; column < window.outWidth(); ++column)
          evaluatePosition(call, window, taps, {row / window.outHeight(), row % window.outHeight(), column});
    });
  }

private:
  /// [C,1,kh,kw] -> [kh,kw,C].
  template <typename T> static std::vector<T> tapsByPosition(const Tensor<T> &weight) {
    int64_t channels = weight.shape[0], area = weight.shape[2] * weight.shape[3];
    std::vector<T> taps(weight.data.size());
    for (int64_t c = 0; c < channels; ++c)
      for (int64_t k = 0; k < area; ++k)
        taps[k * channels + c] = weight.data[c * area + k];
    return taps;
  }

  template <typename T>
  static void evaluatePosition(OpCall<T> &call, const Window &window, const std::vector<T> &taps, const int64_t (&position)[3]) {
    const Tensor<T> &x = call.required(0), *bias = call.optional(2);
    int64_t channels = x.channels();
    T *y =
        call.result.data.data() + ((position[0] * window.outHeight() + position[1]) * window.outWidth() + position[2]) * channels;
    for (int64_t ky = 0; ky < window.kernelHeight; ++ky)
      for (int64_t kx = 0; kx < window.kernelWidth; ++kx) {
        int64_t row = window.row(position[1], ky), column = window.column(position[2], kx);
        if (!window.contains(row, column))
          continue;
        const T *pixel = x.data.data() + ((position[0] * window.height + row) * window.width + column) * channels;
        const T *tap = taps.data() + (ky * window.kernelWidth + kx) * channels;
        for (int64_t c = 0; c < channels; ++c)
          y[c] += pixel[c] * tap[c];
      }
    if (bias)
      for (int64_t c = 0; c < channels; ++c)
        y[c] += bias->data[c];
  }
};

const bool registered = registerOp<Conv2D>("mf.conv2d") && registerOp<DepthwiseConv2D>("mf.depthwise_conv2d");

} // namespace
} // namespace archrt::reference
