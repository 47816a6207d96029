#include "runtime/train/GradientStep.h"

#include "runtime/train/DropPath.h"
#include "runtime/train/Steps.h"

#include <algorithm>

namespace archrt::train {

GradientStep::~GradientStep() = default;

std::vector<ParamLayout::Entry> gradientPlaces(const abi::Function &grad, const ParamLayout &layout) {
  std::vector<ParamLayout::Entry> places;
  for (size_t i = 0; i < sizeOf(grad.gradient_of()); ++i)
    for (const ParamLayout::Entry &entry : layout.entries)
      if (entry.param == grad.gradient_of()->Get(i))
        places.push_back(entry);
  return places;
}

std::vector<const float *> gradientInputs(const abi::Function &grad, const StepInput &input) {
  std::vector<const float *> inputs = {input.images, input.targets};
  if (hasDropPath(grad))
    inputs.push_back(input.factors);
  inputs.push_back(input.kept);
  inputs.resize(sizeOf(grad.inputs())); // a graph without dropout in the head has no place for it
  return inputs;
}

void clearUnwritten(const ParamLayout &layout, const std::vector<ParamLayout::Entry> &written, float *gradients) {
  std::vector<ParamLayout::Entry> inOrder = written;
  std::sort(inOrder.begin(), inOrder.end(), [](const auto &a, const auto &b) { return a.offset < b.offset; });
  int64_t done = 0;
  for (const ParamLayout::Entry &entry : inOrder) {
    std::fill(gradients + done, gradients + entry.offset, 0.0f);
    done = entry.offset + entry.size;
  }
  std::fill(gradients + done, gradients + layout.total, 0.0f);
}

Result<std::unique_ptr<GradientStep>> createGradientStep(std::shared_ptr<const Artifact> artifact, ThreadPool &pool,
                                                         const std::string &device, const std::string &target) {
  if (!findGraph(artifact->model(), "grad"))
    return invalid("the artifact has no training step; compile it with `--train`");
  if (device == "cpu")
    return createCpuStep(std::move(artifact), pool, target);
  if (device == "reference")
    return createReferenceStep(std::move(artifact));
  if (device == "reference-f32")
    return createReferenceStepF32(std::move(artifact));
  return invalid("unknown device `", device, "`; expected `cpu`, `reference` or `reference-f32`");
}

} // namespace archrt::train
