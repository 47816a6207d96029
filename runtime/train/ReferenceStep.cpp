#include "runtime/train/ReferenceGraph.h"

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
  Status setParameters(const std::shared_ptr<const ParamStore> &params) override {
    return bindParameters(interpreter, artifact->model(), *params);
  }
  Status run(const StepInput &input, const StepOutput &output) override;

private:
  ReferenceStep(std::shared_ptr<const Artifact> artifact, const abi::Function &grad, reference::Interpreter<T> interpreter)
      : artifact(std::move(artifact)), grad(grad), interpreter(std::move(interpreter)),
        layout(ParamLayout::of(this->artifact->model())), places(gradientPlaces(grad, layout)) {}

  std::shared_ptr<const Artifact> artifact;
  const abi::Function &grad;
  reference::Interpreter<T> interpreter;
  ParamLayout layout;
  std::vector<ParamLayout::Entry> places;
};

} // namespace

template <typename T> Status ReferenceStep<T>::run(const StepInput &input, const StepOutput &output) {
  ARCHRT_TRY(setStepInput(interpreter, grad, input));
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
