#include "runtime/reference/Interpreter.h"
#include "runtime/train/Steps.h"

namespace archrt::train {
namespace {

template <typename T> class ReferenceStep final : public GradientStep {
public:
  static Result<std::unique_ptr<GradientStep>> create(std::shared_ptr<const Artifact> artifact) {
    const abi::Function &grad = *findGraph(artifact->model(), "grad");
    ARCHRT_ASSIGN(reference::Interpreter<T> interpreter, reference::Interpreter<T>::create(grad));
    return std::unique_ptr<GradientStep>(new ReferenceStep(std::move(artifact), grad, std::move(interpreter)));
  }

  Status reserve(int64_t) override { return {}; }
  Status setParameters(const std::shared_ptr<const ParamStore> &params) override;
  Status run(const StepInput &input, const StepOutput &output) override;

private:
  ReferenceStep(std::shared_ptr<const Artifact> artifact, const abi::Function &grad, reference::Interpreter<T> interpreter)
      : artifact(std::move(artifact)), grad(grad), interpreter(std::move(interpreter)),
        layout(ParamLayout::of(this->artifact->model())), places(gradientPlaces(grad, layout)) {}

  Status setMap(size_t input, const float *data, int64_t batch);

  std::shared_ptr<const Artifact> artifact;
  const abi::Function &grad;
  reference::Interpreter<T> interpreter;
  ParamLayout layout;
  std::vector<ParamLayout::Entry> places;
};

} // namespace

template <typename T> Status ReferenceStep<T>::setParameters(const std::shared_ptr<const ParamStore> &params) {
  const auto &table = *artifact->model().params();
  for (const std::string &name : interpreter.parameterNames())
    for (uint32_t i = 0; i < table.size(); ++i) {
      const abi::Param &param = *table.Get(i);
      if (textOf(param.name()) != name)
        continue;
      reference::Shape shape(param.shape()->begin(), param.shape()->end());
      ARCHRT_TRY(interpreter.bindParameter(name, shape, static_cast<const float *>(params->data(i))));
    }
  return {};
}

/// [batch, width] of the function's input number `input`; ones where `data` is null.
template <typename T> Status ReferenceStep<T>::setMap(size_t input, const float *data, int64_t batch) {
  uint32_t value = grad.inputs()->Get(input);
  int64_t width = grad.values()->Get(value)->shape()->Get(1)->constant();
  reference::Tensor<T> tensor({batch, width});
  for (int64_t i = 0; i < tensor.size(); ++i)
    tensor.data[i] = data ? static_cast<T>(data[i]) : T(1);
  return interpreter.setValue(value, std::move(tensor));
}

template <typename T> Status ReferenceStep<T>::run(const StepInput &input, const StepOutput &output) {
  ARCHRT_TRY(interpreter.setInput(input.images, input.batch));
  ARCHRT_TRY(setMap(1, input.targets, input.batch));
  if (sizeOf(grad.inputs()) > 2)
    ARCHRT_TRY(setMap(2, input.factors, input.batch));
  std::vector<uint32_t> outputs(grad.outputs()->begin(), grad.outputs()->end());
  ARCHRT_TRY(interpreter.evaluate(outputs));
  for (size_t i = 0; i < outputs.size(); ++i) {
    const reference::Tensor<T> &tensor = *interpreter.value(outputs[i]);
    float *to = i == 0 ? output.losses : i == 1 ? output.logits : output.gradients + places[i - 2].offset;
    for (const T &value : tensor.data)
      *to++ = static_cast<float>(value);
  }
  clearUnwritten(layout, places, output.gradients);
  return {};
}

Result<std::unique_ptr<GradientStep>> createReferenceStep(std::shared_ptr<const Artifact> artifact) {
  return ReferenceStep<double>::create(std::move(artifact));
}

Result<std::unique_ptr<GradientStep>> createReferenceStepF32(std::shared_ptr<const Artifact> artifact) {
  return ReferenceStep<float>::create(std::move(artifact));
}

} // namespace archrt::train
