//===- Window.h - How a convolution's kernel moves over a map -------------===//

#ifndef ARCHRT_REFERENCE_WINDOW_H
#define ARCHRT_REFERENCE_WINDOW_H

#include "runtime/reference/OpCall.h"

namespace archrt::reference {

/// Where the window of an output position lies in the input.
struct Window {
  int64_t height, width;             // of the input map
  int64_t kernelHeight, kernelWidth; // of the window
  Shape stride, padding;

  int64_t outHeight() const { return extent(height, kernelHeight, 0); }
  int64_t outWidth() const { return extent(width, kernelWidth, 1); }
  /// Input row (column) under row (column) `offset` of the window; outside of the map in the padding.
  int64_t row(int64_t outRow, int64_t offset) const { return outRow * stride[0] - padding[0] + offset; }
  int64_t column(int64_t outColumn, int64_t offset) const { return outColumn * stride[1] - padding[1] + offset; }
  bool contains(int64_t row, int64_t column) const { return row >= 0 && row < height && column >= 0 && column < width; }

private:
  int64_t extent(int64_t size, int64_t kernel, int dimension) const {
    int64_t room = size + 2 * padding[dimension] - kernel;
    return room < 0 ? 0 : room / stride[dimension] + 1;
  }
};

/// Expects a stride, a padding and a kernel that make sense.
template <typename T> bool checkWindow(OpCall<T> &call, const Window &window) {
  constexpr int64_t kLargest = 1 << 20;
  for (int i = 0; i < 2; ++i)
    if (!call.expect(window.stride[i] > 0 && window.stride[i] < kLargest && window.padding[i] >= 0 &&
                         window.padding[i] < kLargest,
                     "stride must be positive and padding not negative"))
      return false;
  return call.expect(window.kernelHeight > 0 && window.kernelWidth > 0, "the kernel is empty");
}

} // namespace archrt::reference

#endif // ARCHRT_REFERENCE_WINDOW_H
