//===- ReferenceGraph.h - Parameters and inputs of an interpreted step ----===//

#ifndef ARCHRT_TRAIN_REFERENCEGRAPH_H
#define ARCHRT_TRAIN_REFERENCEGRAPH_H

#include "runtime/reference/Interpreter.h"
#include "runtime/train/Steps.h"

namespace archrt::train {

/// Every parameter that the graph reads. `params` are in memory.
template <typename T>
Status bindParameters(reference::Interpreter<T> &interpreter, const abi::Model &model, const ParamStore &params) {
  for (const std::string &name : interpreter.parameterNames())
    for (uint32_t i = 0; i < sizeOf(model.params()); ++i) {
      const abi::Param &param = *model.params()->Get(i);
      if (textOf(param.name()) != name)
        continue;
      reference::Shape shape(param.shape()->begin(), param.shape()->end());
      ARCHRT_TRY(interpreter.bindParameter(name, shape, static_cast<const float *>(params.data(i))));
    }
  return {};
}

/// Images, targets and factors; ones where a pointer is null.
template <typename T>
Status setStepInput(reference::Interpreter<T> &interpreter, const abi::Function &grad, const StepInput &input) {
  ARCHRT_TRY(interpreter.setInput(input.images, input.batch));
  std::vector<const float *> maps = gradientInputs(grad, input);
  for (uint32_t i = 1; i < maps.size(); ++i) {
    uint32_t value = grad.inputs()->Get(i);
    reference::Tensor<T> tensor({input.batch, grad.values()->Get(value)->shape()->Get(1)->constant()});
    for (int64_t at = 0; at < tensor.size(); ++at)
      tensor.data[at] = maps[i] ? static_cast<T>(maps[i][at]) : T(1);
    ARCHRT_TRY(interpreter.setValue(value, std::move(tensor)));
  }
  return {};
}

} // namespace archrt::train

#endif // ARCHRT_TRAIN_REFERENCEGRAPH_H
