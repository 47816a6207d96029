#include "passes/Emit/GraphWriter.h"

#include "dialect/mf/MfOps.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/DenseMap.h"

using namespace mlir;
namespace abi = archrt::abi;

namespace archc {
namespace {

abi::DType dtypeOf(Type type) {
  if (type.isF64())
    return abi::DType::F64;
  if (type.isBF16())
    return abi::DType::BF16;
  if (type.isInteger(8))
    return abi::DType::U8;
  return type.isInteger(64) ? abi::DType::I64 : abi::DType::F32;
}

constexpr StringLiteral kSegments = "operandSegmentSizes";

std::unique_ptr<abi::TensorTypeT> typeOf(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  auto written = std::make_unique<abi::TensorTypeT>();
  written->dtype = dtypeOf(tensor.getElementType());
  for (int64_t size : tensor.getShape())
    written->shape.push_back(ShapedType::isDynamic(size) ? abi::Extent(0, 1) : abi::Extent(size, 0));
  return written;
}

template <typename Integers> void setInts(abi::AttributeT &out, Integers values) {
  out.kind = abi::AttrKind::Ints;
  out.ints.assign(values.begin(), values.end());
}

/// Null for attributes that mean nothing to an interpreter (markers of passes).
std::unique_ptr<abi::AttributeT> attributeOf(NamedAttribute named) {
  auto out = std::make_unique<abi::AttributeT>();
  out->name = named.getName().str();
  Attribute value = named.getValue();
  if (auto flag = dyn_cast<BoolAttr>(value)) {
    out->kind = abi::AttrKind::Bool;
    out->i = flag.getValue();
  } else if (auto integer = dyn_cast<IntegerAttr>(value)) {
    out->kind = abi::AttrKind::Int;
    out->i = integer.getInt();
  } else if (auto number = dyn_cast<FloatAttr>(value)) {
    out->kind = abi::AttrKind::Float;
    out->f = number.getValueAsDouble();
  } else if (auto text = dyn_cast<StringAttr>(value)) {
    out->kind = abi::AttrKind::String;
    out->s = text.str();
  } else if (auto ints = dyn_cast<DenseI64ArrayAttr>(value)) {
    setInts(*out, ints.asArrayRef());
  } else if (auto segments = dyn_cast<DenseI32ArrayAttr>(value)) {
    setInts(*out, segments.asArrayRef());
  } else if (auto numbers = dyn_cast<DenseF64ArrayAttr>(value)) {
    out->kind = abi::AttrKind::Floats;
    out->floats.assign(numbers.asArrayRef().begin(), numbers.asArrayRef().end());
  } else {
    return nullptr;
  }
  return out;
}

class Writer {
public:
  explicit Writer(LocationTable &locations) : locations(locations) {}

  WrittenGraph run(func::FuncOp func) {
    graph.function = std::make_unique<abi::FunctionT>();
    graph.function->name = func.getName().str();
    for (Value input : func.getArguments())
      graph.function->inputs.push_back(number(input));
    for (Operation &op : func.getBody().front()) {
      if (isa<func::ReturnOp>(op)) {
        for (Value output : op.getOperands())
          graph.function->outputs.push_back(number(output));
        continue;
      }
      write(op);
    }
    return std::move(graph);
  }

private:
  uint32_t number(Value value) {
    auto [entry, isNew] = numbers.try_emplace(value, graph.function->values.size());
    if (isNew)
      graph.function->values.push_back(typeOf(value.getType()));
    return entry->second;
  }

  void write(Operation &op) {
    auto written = std::make_unique<abi::OpT>();
    written->name = op.getName().getStringRef().str();
    for (Value operand : op.getOperands())
      written->operands.push_back(number(operand));
    for (Value result : op.getResults())
      written->results.push_back(number(result));
    for (NamedAttribute attribute : op.getAttrDictionary())
      if (attribute.getName() != kSegments)
        if (auto out = attributeOf(attribute))
          written->attributes.push_back(std::move(out));
    if (auto segments = mf::operandSegments(&op); !segments.empty())
      written->attributes.push_back(
          attributeOf({StringAttr::get(op.getContext(), kSegments), DenseI64ArrayAttr::get(op.getContext(), segments)}));
    written->location = locations.intern(op.getLoc());
    for (const std::string &path : isa<mf::ParamOp>(op) ? llvm::SmallVector<std::string>() : namePaths(op.getLoc())) {
      graph.opOfPath.try_emplace(path, graph.function->ops.size());
      graph.valueOfPath.insert_or_assign(path, written->results.front());
    }
    graph.function->ops.push_back(std::move(written));
  }

  LocationTable &locations;
  WrittenGraph graph;
  llvm::DenseMap<Value, uint32_t> numbers;
};

} // namespace

WrittenGraph writeGraph(func::FuncOp func, LocationTable &locations) { return Writer(locations).run(func); }

} // namespace archc
