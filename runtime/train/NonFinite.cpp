#include "runtime/train/NonFinite.h"

#include "runtime/reference/OpCall.h"
#include "runtime/train/DropPath.h"
#include "runtime/train/ReferenceGraph.h"

#include <algorithm>
#include <cmath>

namespace archrt::train {

/// Elements of one image in the graph's input number `input`.
static int64_t imageSize(const abi::Function &grad, uint32_t input) {
  const auto &shape = *grad.values()->Get(grad.inputs()->Get(input))->shape();
  int64_t size = 1;
  for (uint32_t i = 1; i < shape.size(); ++i)
    size *= shape.Get(i)->constant();
  return size;
}

StepInput imageOf(const abi::Function &grad, const StepInput &input, int64_t image) {
  StepInput one = input;
  one.batch = 1;
  const float **places[] = {&one.images, &one.targets, hasDropPath(grad) ? &one.factors : &one.kept, &one.kept};
  for (uint32_t i = 0; i < sizeOf(grad.inputs()); ++i)
    if (*places[i])
      *places[i] += image * imageSize(grad, i);
  return one;
}

/// "`mf.linear` of `head.fc1` (tiny28.toml:14)"
static std::string describe(const abi::Model &model, const abi::Op &op) {
  std::string text = concat("`", textOf(op.name()), "`"), name;
  if (textOf(op.name()) == "mf.param" && reference::Attributes(op).read("name", name))
    return concat("parameter `", name, "`");
  if (op.location() >= sizeOf(model.locations()))
    return text;
  const abi::Location &location = *model.locations()->Get(op.location());
  text += concat(" of `", textOf(location.path()), "`");
  if (sizeOf(location.lines()) > 0)
    text += concat(" (", textOf(location.lines()->Get(0)->file()), ":", location.lines()->Get(0)->line(), ")");
  return text;
}

static const abi::Op *firstOp(const abi::Function &grad, const reference::Interpreter<float> &interpreter) {
  for (uint32_t i = 0; i < sizeOf(grad.ops()); ++i) {
    const abi::Op &op = *grad.ops()->Get(i);
    const reference::Tensor<float> *tensor = interpreter.value(op.results()->Get(0));
    if (tensor && !std::all_of(tensor->data.begin(), tensor->data.end(), [](float x) { return std::isfinite(x); }))
      return &op;
  }
  return nullptr;
}

std::string firstNonFinite(const abi::Model &model, const ParamStore &params, const StepInput &input, int64_t first,
                           int64_t images) {
  const abi::Function *grad = findGraph(model, "grad");
  if (!grad)
    return "";
  auto interpreter = reference::Interpreter<float>::create(*grad);
  if (!interpreter.ok() || !bindParameters(*interpreter, model, params).ok())
    return "";
  const std::vector<uint32_t> outputs(grad->outputs()->begin(), grad->outputs()->end());
  const int64_t end = std::min(input.batch, first + images);
  for (int64_t image = first; image < end; ++image) {
    if (!setStepInput(*interpreter, *grad, imageOf(*grad, input, image)).ok() ||
        !interpreter->evaluate(outputs, reference::Keep::All).ok())
      return "";
    if (const abi::Op *op = firstOp(*grad, *interpreter))
      return describe(model, *op);
  }
  return "";
}

} // namespace archrt::train
