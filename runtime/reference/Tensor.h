//===- Tensor.h - A dense row-major tensor of the reference interpreter ---===//

#ifndef ARCHRT_REFERENCE_TENSOR_H
#define ARCHRT_REFERENCE_TENSOR_H

#include <cstdint>
#include <string>
#include <vector>

namespace archrt::reference {

using Shape = std::vector<int64_t>;

/// Number of elements, or -1 when a size is negative or the product does not fit.
int64_t elementCount(const Shape &shape);

/// "[2, 7, 7, 64]".
std::string toString(const Shape &shape);

/// Activations are [N,H,W,C] or [N,C]; parameters have timm's layout. Last dimension fastest.
template <typename T> struct Tensor {
  Shape shape;
  std::vector<T> data;

  Tensor() = default;
  explicit Tensor(Shape ofShape) : shape(std::move(ofShape)), data(static_cast<size_t>(elementCount(shape))) {}

  int64_t rank() const { return static_cast<int64_t>(shape.size()); }
  int64_t size() const { return static_cast<int64_t>(data.size()); }
  /// Size of the last dimension: the channels of an activation.
  int64_t channels() const { return shape.back(); }
  /// How many channel vectors there are.
  int64_t positions() const { return channels() == 0 ? 0 : size() / channels(); }
};

} // namespace archrt::reference

#endif // ARCHRT_REFERENCE_TENSOR_H
