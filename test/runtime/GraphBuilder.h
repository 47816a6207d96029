//===- GraphBuilder.h - Op graphs written by hand, for tests --------------===//

#ifndef ARCHC_TEST_RUNTIME_GRAPHBUILDER_H
#define ARCHC_TEST_RUNTIME_GRAPHBUILDER_H

#include "runtime/abi/artifact_generated.h"

#include <flatbuffers/flatbuffers.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace archrt::test {

/// In a shape, the size that is the batch.
constexpr int64_t kBatch = -1;

inline abi::AttributeT intAttribute(const std::string &name, int64_t value) {
  abi::AttributeT attribute;
  attribute.name = name, attribute.kind = abi::AttrKind::Int, attribute.i = value;
  return attribute;
}
inline abi::AttributeT floatAttribute(const std::string &name, double value) {
  abi::AttributeT attribute;
  attribute.name = name, attribute.kind = abi::AttrKind::Float, attribute.f = value;
  return attribute;
}
inline abi::AttributeT intsAttribute(const std::string &name, std::vector<int64_t> value) {
  abi::AttributeT attribute;
  attribute.name = name, attribute.kind = abi::AttrKind::Ints, attribute.ints = std::move(value);
  return attribute;
}
inline abi::AttributeT stringAttribute(const std::string &name, const std::string &value) {
  abi::AttributeT attribute;
  attribute.name = name, attribute.kind = abi::AttrKind::String, attribute.s = value;
  return attribute;
}

class GraphBuilder {
public:
  using Attributes = std::vector<abi::AttributeT>;
  using OptionalOperands = std::vector<std::optional<uint32_t>>;

  uint32_t input(const std::vector<int64_t> &shape) {
    function.inputs.push_back(value(shape));
    return function.inputs.back();
  }
  uint32_t parameter(const std::string &name, const std::vector<int64_t> &shape) {
    return op("mf.param", {}, {stringAttribute("name", name)}, shape);
  }
  uint32_t op(const std::string &name, std::vector<uint32_t> operands, const Attributes &attributes,
              const std::vector<int64_t> &shape) {
    auto made = std::make_unique<abi::OpT>();
    made->name = name, made->operands = std::move(operands);
    for (const abi::AttributeT &attribute : attributes)
      made->attributes.push_back(std::make_unique<abi::AttributeT>(attribute));
    made->results = {value(shape)};
    function.ops.push_back(std::move(made));
    return function.ops.back()->results[0];
  }
  /// An op whose last operands may be absent: it gets `operandSegmentSizes`.
  uint32_t opWithOptional(const std::string &name, const OptionalOperands &operands, Attributes attributes,
                          const std::vector<int64_t> &shape) {
    std::vector<uint32_t> present;
    std::vector<int64_t> segments;
    for (const auto &operand : operands) {
      segments.push_back(operand ? 1 : 0);
      if (operand)
        present.push_back(*operand);
    }
    attributes.push_back(intsAttribute("operandSegmentSizes", segments));
    return op(name, present, attributes, shape);
  }

  /// The graph with the given outputs; owned by the builder.
  const abi::Function &finish(std::vector<uint32_t> outputs) {
    function.name = "forward";
    function.outputs = std::move(outputs);
    buffer.Clear();
    buffer.Finish(abi::Function::Pack(buffer, &function));
    return *flatbuffers::GetRoot<abi::Function>(buffer.GetBufferPointer());
  }

  /// For tests of malformed graphs.
  abi::FunctionT function;

private:
  uint32_t value(const std::vector<int64_t> &shape) {
    auto type = std::make_unique<abi::TensorTypeT>();
    for (int64_t size : shape)
      type->shape.push_back(size == kBatch ? abi::Extent(0, 1) : abi::Extent(size, 0));
    function.values.push_back(std::move(type));
    return static_cast<uint32_t>(function.values.size() - 1);
  }

  flatbuffers::FlatBufferBuilder buffer;
};

} // namespace archrt::test

#endif // ARCHC_TEST_RUNTIME_GRAPHBUILDER_H
