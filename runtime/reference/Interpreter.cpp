#include "runtime/reference/Interpreter.h"

#include "runtime/abi/artifact_generated.h"
#include "runtime/reference/OpDefinition.h"

#include <new>
#include <set>

namespace archrt::reference {

static constexpr char kParamOp[] = "mf.param";
static constexpr char kSegments[] = "operandSegmentSizes";

/// FlatBuffers leaves an empty vector out.
template <typename V> static std::vector<V> copyOf(const flatbuffers::Vector<V> *vector) {
  return vector ? std::vector<V>(vector->begin(), vector->end()) : std::vector<V>();
}

static size_t valueCount(const abi::Function &function) { return function.values() ? function.values()->size() : 0; }
static size_t opCount(const abi::Function &function) { return function.ops() ? function.ops()->size() : 0; }

static Status opError(size_t index, const abi::Op &op, const std::string &reason) {
  return Status::invalid("op " + std::to_string(index) + " `" + op.name()->str() + "`: " + reason);
}

/// A declared shape at this batch size.
static Shape shapeAt(const abi::TensorType &type, int64_t batch) {
  Shape shape;
  if (type.shape())
    for (const abi::Extent *extent : *type.shape()) {
      int64_t size = 0;
      bool overflow =
          __builtin_mul_overflow(extent->batch(), batch, &size) || __builtin_add_overflow(size, extent->constant(), &size);
      shape.push_back(overflow ? -1 : size);
    }
  return shape;
}

/// Operands must be defined before their use, each value once.
static Status checkOp(const abi::Function &function, size_t index, std::set<uint32_t> &defined) {
  const abi::Op &op = *function.ops()->Get(index);
  if (op.name()->str() != kParamOp && !findDefinition(op.name()->str()))
    return opError(index, op, "the reference interpreter does not know it");
  for (uint32_t operand : copyOf(op.operands()))
    if (!defined.count(operand))
      return opError(index, op, "operand " + std::to_string(operand) + " is not defined before it");
  if (!op.results() || op.results()->size() != 1)
    return opError(index, op, "expected one result");
  if (op.results()->Get(0) >= valueCount(function) || !defined.insert(op.results()->Get(0)).second)
    return opError(index, op, "result " + std::to_string(op.results()->Get(0)) + " is out of range or defined twice");
  Shape segments;
  int64_t total = 0;
  if (Attributes(op).read(kSegments, segments)) {
    for (int64_t segment : segments)
      if (segment < 0 || segment > 1)
        return opError(index, op, "segment sizes must be 0 or 1");
      else
        total += segment;
    if (total != static_cast<int64_t>(copyOf(op.operands()).size()))
      return opError(index, op, "segment sizes do not add up to the operands");
  }
  return Status::success();
}

template <typename T> Result<Interpreter<T>> Interpreter<T>::create(const abi::Function &function) {
  std::set<uint32_t> defined;
  for (uint32_t input : copyOf(function.inputs()))
    if (input >= valueCount(function) || !defined.insert(input).second)
      return Status::invalid("function input " + std::to_string(input) + " is out of range or repeated");
  for (size_t i = 0; i < opCount(function); ++i)
    if (Status status = checkOp(function, i, defined); !status.ok())
      return status;
  for (uint32_t output : copyOf(function.outputs()))
    if (!defined.count(output))
      return Status::invalid("function output " + std::to_string(output) + " is not defined");
  return Interpreter(function);
}

template <typename T> Status Interpreter<T>::bindParameter(const std::string &name, const Shape &shape, const float *data) {
  if (elementCount(shape) < 0)
    return Status::invalid("parameter `" + name + "` has shape " + toString(shape));
  auto tensor = std::make_shared<Tensor<T>>(shape);
  std::copy_n(data, tensor->size(), tensor->data.begin());
  parameters[name] = std::move(tensor);
  return Status::success();
}

template <typename T> std::vector<std::string> Interpreter<T>::parameterNames() const {
  std::vector<std::string> names;
  for (size_t i = 0; i < opCount(*function); ++i) {
    const abi::Op &op = *function->ops()->Get(i);
    std::string name;
    if (op.name()->str() == kParamOp && Attributes(op).read("name", name))
      names.push_back(name);
  }
  return names;
}

template <typename T> Status Interpreter<T>::setInput(const float *data, int64_t batch) {
  if (!function->inputs() || function->inputs()->size() == 0)
    return Status::invalid("the function has no input");
  uint32_t input = function->inputs()->Get(0);
  Shape shape = shapeAt(*function->values()->Get(input), batch);
  if (batch < 1 || elementCount(shape) < 1)
    return Status::invalid("the input would have shape " + toString(shape));
  clear();
  auto tensor = std::make_shared<Tensor<T>>(shape);
  std::copy_n(data, tensor->size(), tensor->data.begin());
  values[input] = std::move(tensor);
  return Status::success();
}

template <typename T> Status Interpreter<T>::setValue(uint32_t index, Tensor<T> tensor) {
  if (index >= valueCount(*function))
    return Status::invalid("value " + std::to_string(index) + " does not exist");
  values[index] = std::make_shared<Tensor<T>>(std::move(tensor));
  return Status::success();
}

template <typename T> const Tensor<T> *Interpreter<T>::value(uint32_t index) const {
  auto found = values.find(index);
  return found == values.end() ? nullptr : found->second.get();
}

template <typename T> Result<std::vector<uint32_t>> Interpreter<T>::schedule(const std::vector<uint32_t> &wanted) const {
  std::set<uint32_t> missing;
  for (uint32_t index : wanted)
    if (!values.count(index))
      missing.insert(index);
  std::vector<uint32_t> order;
  for (size_t i = opCount(*function); i-- > 0;) {
    const abi::Op &op = *function->ops()->Get(i);
    if (!missing.erase(op.results()->Get(0)))
      continue;
    order.push_back(i);
    for (uint32_t operand : copyOf(op.operands()))
      if (!values.count(operand))
        missing.insert(operand);
  }
  if (!missing.empty())
    return Status::invalid("value " + std::to_string(*missing.begin()) +
                           " is needed, but it is an input that was not set or does not exist");
  return std::vector<uint32_t>(order.rbegin(), order.rend());
}

template <typename T> Status Interpreter<T>::evaluate(const std::vector<uint32_t> &wanted, Keep keep) {
  auto order = schedule(wanted);
  if (!order.ok())
    return order.status();
  std::map<uint32_t, uint32_t> usesLeft;
  for (uint32_t index : wanted)
    ++usesLeft[index]; // never reaches zero
  for (uint32_t i : *order)
    for (uint32_t operand : copyOf(function->ops()->Get(i)->operands()))
      usesLeft[operand] += 1 + (values.count(operand) ? 1 : 0); // what was set stays
  for (uint32_t i : *order) {
    const abi::Op &op = *function->ops()->Get(i);
    if (Status status = execute(op); !status.ok())
      return opError(i, op, status.message());
    for (uint32_t operand : copyOf(op.operands()))
      if (--usesLeft[operand] == 0 && keep == Keep::Wanted)
        values.erase(operand);
  }
  return Status::success();
}

template <typename T> Result<Tensor<T>> Interpreter<T>::run(const float *data, int64_t batch) {
  std::vector<uint32_t> outputs = copyOf(function->outputs());
  if (outputs.empty())
    return Status::invalid("the function has no output");
  if (Status status = setInput(data, batch); !status.ok())
    return status;
  if (Status status = evaluate(outputs); !status.ok())
    return status;
  return *value(outputs[0]);
}

template <typename T> Status Interpreter<T>::executeParameter(const abi::Op &op) {
  std::string name;
  if (!Attributes(op).read("name", name))
    return Status::invalid("attribute `name` is missing");
  auto found = parameters.find(name);
  if (found == parameters.end())
    return Status::invalid("parameter `" + name + "` is not bound");
  if (Status status = checkResult(op, *found->second); !status.ok())
    return Status::invalid("parameter `" + name + "`: " + status.message());
  values[op.results()->Get(0)] = found->second;
  return Status::success();
}

template <typename T> std::vector<const Tensor<T> *> Interpreter<T>::formalOperands(const abi::Op &op) const {
  std::vector<const Tensor<T> *> actual, formal;
  for (uint32_t operand : copyOf(op.operands()))
    actual.push_back(value(operand));
  Shape segments;
  if (!Attributes(op).read(kSegments, segments))
    return actual;
  size_t next = 0;
  for (int64_t segment : segments)
    formal.push_back(segment ? actual[next++] : nullptr);
  return formal;
}

/// The batch is what the result itself says: where the declared dimension depends on it, any size is right.
template <typename T> Status Interpreter<T>::checkResult(const abi::Op &op, const Tensor<T> &tensor) const {
  const abi::TensorType &type = *function->values()->Get(op.results()->Get(0));
  Shape declared = shapeAt(type, 1);
  bool same = declared.size() == tensor.shape.size();
  for (size_t i = 0; same && i < declared.size(); ++i)
    same = declared[i] == tensor.shape[i] || type.shape()->Get(i)->batch() != 0;
  if (!same)
    return Status::invalid("has shape " + toString(tensor.shape) + "; the graph declares " + toString(declared));
  return Status::success();
}

template <typename T> Status Interpreter<T>::execute(const abi::Op &op) {
  if (op.name()->str() == kParamOp)
    return executeParameter(op);
  OpCall<T> call(op, formalOperands(op), shapeAt(*function->values()->Get(op.results()->Get(0)), 1));
  try {
    (*findDefinition(op.name()->str()))(call);
  } catch (const std::bad_alloc &) {
    return Status(ErrorCode::Environment, "not enough memory");
  }
  if (!call.ok())
    return Status::invalid(call.error());
  if (Status status = checkResult(op, call.result); !status.ok())
    return Status::invalid("the result " + status.message());
  values[op.results()->Get(0)] = std::make_shared<Tensor<T>>(std::move(call.result));
  return Status::success();
}

template class Interpreter<float>;
template class Interpreter<double>;

} // namespace archrt::reference
