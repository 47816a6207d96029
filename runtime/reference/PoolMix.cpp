// mf.pool_mix: PoolFormer's mixer, the mean of the window's cells that lie inside the map, minus x.

#include "runtime/reference/Arithmetic.h"
#include "runtime/reference/OpDefinition.h"

#include <algorithm>

namespace archrt::reference {
namespace {

struct PoolMix {
  template <typename T> static void evaluate(OpCall<T> &call) {
    const Tensor<T> &x = call.map(0);
    int64_t size = call.template attribute<int64_t>("size");
    if (!call.ok() || !call.expect(size > 0 && size % 2 == 1, "size is " + std::to_string(size) + "; expected an odd number") ||
        !call.allocate(x.shape))
      return;
    parallelFor(x.shape[0] * x.shape[1], [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row)
        for (int64_t column = 0; column < x.shape[2]; ++column)
          evaluatePosition(x, size / 2, row, column, call.result.data.data() + (row * x.shape[2] + column) * x.channels());
    });
  }

private:
  /// `row` counts through all images.
  template <typename T> static void evaluatePosition(const Tensor<T> &x, int64_t reach, int64_t row, int64_t column, T *y) {
    int64_t height = x.shape[1], width = x.shape[2], channels = x.channels(), h = row % height;
    int64_t top = std::max<int64_t>(h - reach, 0), bottom = std::min(h + reach, height - 1);
    int64_t left = std::max<int64_t>(column - reach, 0), right = std::min(column + reach, width - 1);
    auto pixel = [&](int64_t atRow, int64_t atColumn) {
      return x.data.data() + ((row - h + atRow) * width + atColumn) * channels;
    };
    for (int64_t i = top; i <= bottom; ++i)
      for (int64_t j = left; j <= right; ++j)
        for (int64_t c = 0; c < channels; ++c)
          y[c] += pixel(i, j)[c];
    T cells = T((bottom - top + 1) * (right - left + 1));
    for (int64_t c = 0; c < channels; ++c)
      y[c] = y[c] / cells - pixel(h, column)[c];
  }
};

const bool registered = registerOp<PoolMix>("mf.pool_mix");

} // namespace
} // namespace archrt::reference
