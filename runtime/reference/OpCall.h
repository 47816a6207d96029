//===- OpCall.h - What the definition of one op gets to see ---------------===//
//
// An op's definition reads operands and attributes from here, checks them with `expect`, and sets `result`. The first failed
// expectation becomes the error of the whole evaluation; a definition returns at once when a check fails.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_REFERENCE_OPCALL_H
#define ARCHRT_REFERENCE_OPCALL_H

#include "runtime/core/Status.h"
#include "runtime/reference/Tensor.h"

namespace archrt::abi {
struct Op;
struct Attribute;
} // namespace archrt::abi

namespace archrt::reference {

/// The attributes of an op, by name and type.
class Attributes {
public:
  explicit Attributes(const abi::Op &op) : op(op) {}

  /// Each returns whether the attribute exists with that type.
  bool read(const char *name, int64_t &value) const;
  bool read(const char *name, double &value) const;
  bool read(const char *name, Shape &value) const;
  bool read(const char *name, std::string &value) const;

private:
  const abi::Attribute *find(const char *name) const;
  const abi::Op &op;
};

template <typename T> class OpCall {
public:
  /// `operands`: one per formal operand, null where an optional one is absent. `declared`: the shape that the graph declares for the
  /// result at a batch of one, for ops that leave a choice.
  OpCall(const abi::Op &op, std::vector<const Tensor<T> *> operands, Shape declared = {})
      : declared(std::move(declared)), attributes(op), operands(std::move(operands)) {}

  Tensor<T> result;
  const Shape declared;

  const Tensor<T> *optional(size_t index) const { return index < operands.size() ? operands[index] : nullptr; }
  /// An empty tensor when absent; ask for `ok()` before using it.
  const Tensor<T> &required(size_t index) {
    const Tensor<T> *tensor = optional(index);
    expect(tensor != nullptr, "operand " + std::to_string(index) + " is missing");
    return tensor ? *tensor : empty;
  }

  /// An operand with a last dimension and at least one element.
  const Tensor<T> &activation(size_t index) {
    const Tensor<T> &tensor = required(index);
    expect(tensor.rank() >= 2 && tensor.size() > 0,
           "operand " + std::to_string(index) + " has shape " + toString(tensor.shape) + "; expected [N, C] or [N, H, W, C]");
    return tensor;
  }
  /// A feature map [N,H,W,C].
  const Tensor<T> &map(size_t index) {
    const Tensor<T> &tensor = activation(index);
    expectRank(tensor, 4);
    return tensor;
  }

  /// Makes `result` a tensor of zeros.
  bool allocate(Shape shape) {
    int64_t count = elementCount(shape);
    if (!expect(count > 0 && count <= kLargestResult, "the result would have shape " + toString(shape)))
      return false;
    result = Tensor<T>(std::move(shape));
    return true;
  }

  template <typename V> V attribute(const char *name) {
    V value{};
    expect(attributes.read(name, value), std::string("attribute `") + name + "` is missing or has another type");
    return value;
  }
  /// Two numbers, such as `stride`.
  Shape pair(const char *name) {
    Shape value = attribute<Shape>(name);
    if (!expect(value.size() == 2, std::string("attribute `") + name + "` needs two numbers"))
      value.assign(2, 0);
    return value;
  }

  bool expectRank(const Tensor<T> &tensor, int64_t rank) {
    return expect(tensor.rank() == rank,
                  "operand has shape " + toString(tensor.shape) + "; expected rank " + std::to_string(rank));
  }
  /// Absent operands pass.
  bool expectSize(const Tensor<T> *tensor, int64_t size) {
    return !tensor || expect(tensor->size() == size,
                             "operand has " + std::to_string(tensor->size()) + " elements; expected " + std::to_string(size));
  }
  bool expect(bool condition, const std::string &message) {
    if (!condition && failure.empty())
      failure = message;
    return condition;
  }
  bool ok() const { return failure.empty(); }
  const std::string &error() const { return failure; }

private:
  static constexpr int64_t kLargestResult = int64_t(1) << 31;

  Attributes attributes;
  std::vector<const Tensor<T> *> operands;
  Tensor<T> empty;
  std::string failure;
};

} // namespace archrt::reference

#endif // ARCHRT_REFERENCE_OPCALL_H
