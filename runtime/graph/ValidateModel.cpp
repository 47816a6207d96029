#include "runtime/graph/Validate.h"

#include <cmath>
#include <unordered_map>
#include <vector>

namespace archrt {

// Far above any network, far below what could overflow when multiplied.
static constexpr int64_t kMaxExtent = int64_t(1) << 40;
static constexpr int64_t kMaxElements = int64_t(1) << 40;
static constexpr uint32_t kMaxSide = 1 << 16;
static constexpr double kSmallestCrop = 1e-3;

Status validateExtent(const abi::Extent *extent, std::string_view what) {
  if (!extent)
    return invalid(what, " is missing");
  if (extent->constant() < 0 || extent->batch() < 0 || extent->constant() > kMaxExtent || extent->batch() > kMaxExtent)
    return invalid(what, " is ", extent->constant(), " + ", extent->batch(), " * batch; expected numbers from 0 to 2^40");
  return {};
}

using ParamIndex = std::unordered_map<std::string_view, const abi::Param *>;

static Status validateParam(const abi::Param &param) {
  if (textOf(param.name()).empty())
    return invalid("its name is empty");
  if (elementBytes(param.dtype()) == 0)
    return invalid("unknown dtype ", static_cast<int>(param.dtype()));
  if (param.role() < abi::Role::MIN || param.role() > abi::Role::MAX)
    return invalid("unknown role ", static_cast<int>(param.role()));
  int64_t elements = 1;
  for (size_t i = 0; i < sizeOf(param.shape()); ++i) {
    int64_t extent = param.shape()->Get(i);
    if (extent < 1 || extent > kMaxElements || __builtin_mul_overflow(elements, extent, &elements) || elements > kMaxElements)
      return invalid("its shape is not positive or too large");
  }
  return {};
}

static Status validateInput(const abi::Model &model) {
  const abi::InputInfo *input = model.input();
  if (!input)
    return invalid("it has no input description");
  for (uint32_t side : {input->channels(), input->height(), input->width()})
    if (side < 1 || side > kMaxSide)
      return invalid("the input is ", input->channels(), " x ", input->height(), " x ", input->width(),
                     "; expected sizes from 1 to ", kMaxSide);
  for (const auto *numbers : {input->mean(), input->std()}) {
    if (numbers && numbers->size() != 0 && numbers->size() != input->channels())
      return invalid("the input's mean or std has ", numbers->size(), " numbers; expected ", input->channels());
    for (size_t i = 0; i < sizeOf(numbers); ++i)
      if (!std::isfinite(numbers->Get(i)) || (numbers == input->std() && numbers->Get(i) <= 0))
        return invalid("the input's mean or std is not usable");
  }
  if (double part = input->crop_pct(); !std::isfinite(part) || part < 0 || (part > 0 && part < kSmallestCrop))
    return invalid("the input's crop fraction is ", part, "; expected 0 for the default, or at least ", kSmallestCrop);
  size_t labels = sizeOf(model.labels());
  if (labels != 0 && labels != model.classes())
    return invalid("it has ", labels, " labels; expected ", model.classes(), ", one for each class");
  return {};
}

static Status validateType(const abi::TensorType &type) {
  if (elementBytes(type.dtype()) == 0)
    return invalid("unknown dtype ", static_cast<int>(type.dtype()));
  int64_t elements = 1;
  for (size_t i = 0; i < sizeOf(type.shape()); ++i) {
    const abi::Extent *extent = type.shape()->Get(i);
    ARCHRT_TRY(validateExtent(extent, "an extent"));
    if (__builtin_mul_overflow(elements, evaluate(extent, 1), &elements) || elements > kMaxElements)
      return invalid("the shape is too large");
  }
  return {};
}

static const abi::Attribute *findAttribute(const abi::Op &op, std::string_view name) {
  for (size_t i = 0; i < sizeOf(op.attributes()); ++i)
    if (textOf(op.attributes()->Get(i)->name()) == name)
      return op.attributes()->Get(i);
  return nullptr;
}

static Status validateParamOp(const abi::Op &op, const abi::Function &function, const ParamIndex &params) {
  const abi::Attribute *name = findAttribute(op, "name");
  auto found = params.find(name ? textOf(name->s()) : std::string_view());
  if (found == params.end())
    return invalid("names no parameter");
  if (sizeOf(op.results()) != 1)
    return invalid("has ", sizeOf(op.results()), " results; expected 1");
  const abi::TensorType *type = function.values()->Get(op.results()->Get(0));
  // The reference interpreter reads parameters as f32.
  if (type->dtype() != abi::DType::F32 || found->second->dtype() != abi::DType::F32)
    return invalid("is not of f32");
  bool equal = sizeOf(type->shape()) == sizeOf(found->second->shape());
  for (size_t i = 0; equal && i < sizeOf(type->shape()); ++i)
    equal = type->shape()->Get(i)->batch() == 0 && type->shape()->Get(i)->constant() == found->second->shape()->Get(i);
  if (!equal)
    return invalid("has another shape than the parameter `", textOf(found->second->name()), "`");
  return {};
}

static Status validateOp(const abi::Op &op, const abi::Model &model, std::vector<char> &defined) {
  for (size_t i = 0; i < sizeOf(op.operands()); ++i)
    if (uint32_t value = op.operands()->Get(i); value >= defined.size() || !defined[value])
      return invalid("operand ", i, " is not defined before it is used");
  for (size_t i = 0; i < sizeOf(op.results()); ++i) {
    uint32_t value = op.results()->Get(i);
    if (value >= defined.size() || defined[value])
      return invalid("result ", i, " is out of range or defined twice");
    defined[value] = 1;
  }
  if (op.location() != 0 && op.location() >= sizeOf(model.locations()))
    return invalid("its location is out of range");
  for (size_t i = 0; i < sizeOf(op.attributes()); ++i)
    if (auto kind = op.attributes()->Get(i)->kind(); kind < abi::AttrKind::MIN || kind > abi::AttrKind::MAX)
      return invalid("attribute `", textOf(op.attributes()->Get(i)->name()), "` has an unknown kind");
  return {};
}

static Status validateFunction(const abi::Function &function, const abi::Model &model, const ParamIndex &params) {
  size_t valueCount = sizeOf(function.values());
  for (size_t i = 0; i < valueCount; ++i)
    ARCHRT_TRY(validateType(*function.values()->Get(i)).in(concat("value ", i)));
  std::vector<char> defined(valueCount, 0);
  for (size_t i = 0; i < sizeOf(function.inputs()); ++i) {
    uint32_t value = function.inputs()->Get(i);
    if (value >= valueCount || defined[value])
      return invalid("input ", i, " is out of range or given twice");
    defined[value] = 1;
  }
  for (size_t i = 0; i < sizeOf(function.ops()); ++i) {
    const abi::Op &op = *function.ops()->Get(i);
    std::string context = concat("op ", i, " (", textOf(op.name()), ")");
    ARCHRT_TRY(validateOp(op, model, defined).in(context));
    if (textOf(op.name()) == "mf.param")
      ARCHRT_TRY(validateParamOp(op, function, params).in(context));
  }
  for (size_t i = 0; i < sizeOf(function.outputs()); ++i)
    if (uint32_t value = function.outputs()->Get(i); value >= valueCount || !defined[value])
      return invalid("output ", i, " is never defined");
  return {};
}

/// f32 [batch, sizes...].
static bool isBatchOf(const abi::TensorType &type, const std::vector<int64_t> &sizes) {
  bool equal = type.dtype() == abi::DType::F32 && sizeOf(type.shape()) == sizes.size() + 1 && isBatched(type);
  for (size_t i = 0; equal && i < sizes.size(); ++i)
    equal = type.shape()->Get(i + 1)->constant() == sizes[i];
  return equal;
}

/// A gradient for each of several trainable parameters, behind loss and logits.
static Status validateGradients(const abi::Function &grad, const abi::Model &model) {
  size_t count = sizeOf(grad.gradient_of());
  if (sizeOf(grad.outputs()) != count + 2)
    return invalid("it has ", sizeOf(grad.outputs()), " outputs and says of ", count,
                   " whose gradients they are; expected two more");
  std::vector<char> seen(sizeOf(model.params()), 0);
  for (size_t i = 0; i < count; ++i) {
    uint32_t index = grad.gradient_of()->Get(i);
    if (index >= seen.size() || seen[index]++)
      return invalid("output ", i + 2, " names parameter ", index, ", which does not exist or is named twice");
    const abi::Param &param = *model.params()->Get(index);
    const abi::TensorType &type = *grad.values()->Get(grad.outputs()->Get(i + 2));
    bool equal = param.role() == abi::Role::Trainable && param.dtype() == abi::DType::F32 && type.dtype() == abi::DType::F32 &&
                 sizeOf(type.shape()) == sizeOf(param.shape());
    for (size_t d = 0; equal && d < sizeOf(type.shape()); ++d)
      equal = type.shape()->Get(d)->batch() == 0 && type.shape()->Get(d)->constant() == param.shape()->Get(d);
    if (!equal)
      return invalid("output ", i + 2, " is no gradient of `", textOf(param.name()),
                     "`, which is another shape or not trainable");
  }
  return {};
}

/// Images, targets and maybe factors of branches and of features to loss, logits and gradients.
static Status validateGrad(const abi::Function &grad, const abi::Function &forward, const abi::Model &model) {
  auto type = [](const abi::Function &function, const flatbuffers::Vector<uint32_t> *list, uint32_t index) -> const auto & {
    return *function.values()->Get(list->Get(index));
  };
  if (sizeOf(grad.inputs()) < 2 || sizeOf(grad.inputs()) > 4 || sizeOf(grad.outputs()) < 2)
    return invalid("it has ", sizeOf(grad.inputs()), " inputs and ", sizeOf(grad.outputs()), " outputs");
  bool dropsBranches = false;
  for (uint32_t i = 0; i < sizeOf(grad.ops()); ++i)
    dropsBranches |= textOf(grad.ops()->Get(i)->name()) == "mf.drop_path";
  if (sizeOf(grad.inputs()) == 4 && !dropsBranches)
    return invalid("it has factors of branches and of features, but drops no branch");
  const abi::InputInfo &input = *model.input();
  const int64_t classes = type(forward, forward.outputs(), 0).shape()->Get(1)->constant();
  bool fits = isBatchOf(type(grad, grad.inputs(), 0), {input.height(), input.width(), input.channels()}) &&
              isBatchOf(type(grad, grad.inputs(), 1), {classes}) && isBatchOf(type(grad, grad.outputs(), 0), {1}) &&
              isBatchOf(type(grad, grad.outputs(), 1), {classes});
  for (uint32_t i = 2; i < sizeOf(grad.inputs()); ++i) {
    const abi::TensorType &factors = type(grad, grad.inputs(), i);
    fits = fits && sizeOf(factors.shape()) == 2 && isBatchOf(factors, {factors.shape()->Get(1)->constant()});
  }
  if (!fits)
    return invalid("it does not take images, targets [batch, ", classes, "] and factors to losses and logits");
  return validateGradients(grad, model);
}

Status validateModel(const abi::Model &model) {
  ARCHRT_TRY(validateInput(model));
  ParamIndex params;
  for (size_t i = 0; i < sizeOf(model.params()); ++i) {
    const abi::Param *param = model.params()->Get(i);
    ARCHRT_TRY(validateParam(*param).in(concat("parameter `", textOf(param->name()), "`")));
    if (!params.emplace(textOf(param->name()), param).second)
      return invalid("the parameter `", textOf(param->name()), "` occurs twice");
  }
  const abi::Function *forward = nullptr;
  for (size_t i = 0; i < sizeOf(model.functions()); ++i) {
    const abi::Function &function = *model.functions()->Get(i);
    ARCHRT_TRY(validateFunction(function, model, params).in(concat("function `", textOf(function.name()), "`")));
    if (textOf(function.name()) == "forward")
      forward = &function;
  }
  if (!forward || sizeOf(forward->inputs()) != 1 || sizeOf(forward->outputs()) != 1)
    return invalid("it has no function `forward` with one input and one output");
  const abi::InputInfo &input = *model.input();
  const abi::TensorType &in = *forward->values()->Get(forward->inputs()->Get(0));
  const abi::TensorType &out = *forward->values()->Get(forward->outputs()->Get(0));
  if (!isBatchOf(in, {input.height(), input.width(), input.channels()}))
    return invalid("the input of `forward` is not f32 [batch, height, width, channels]");
  if (sizeOf(out.shape()) != 2 || !isBatchOf(out, {model.classes() ? model.classes() : out.shape()->Get(1)->constant()}))
    return invalid("the output of `forward` is not f32 [batch, classes]");
  if (const abi::Function *grad = findGraph(model, "grad"))
    return validateGrad(*grad, *forward, model).in("function `grad`");
  return {};
}

} // namespace archrt
