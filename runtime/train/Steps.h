//===- Steps.h - The gradient steps of each device ------------------------===//

#ifndef ARCHRT_TRAIN_STEPS_H
#define ARCHRT_TRAIN_STEPS_H

#include "runtime/train/GradientStep.h"

namespace archrt::train {

/// The kernels of `prepare_grad` and `grad`.
Result<std::unique_ptr<GradientStep>> createCpuStep(std::shared_ptr<const Artifact> artifact, ThreadPool &pool,
                                                    const std::string &target);

/// The interpreter on the artifact's graph `grad`, computing in f64 or, as a yardstick of rounding, in f32.
Result<std::unique_ptr<GradientStep>> createReferenceStep(std::shared_ptr<const Artifact> artifact);
Result<std::unique_ptr<GradientStep>> createReferenceStepF32(std::shared_ptr<const Artifact> artifact);

/// Where each output of the graph `grad` behind loss and logits goes in a gradient arena.
std::vector<ParamLayout::Entry> gradientPlaces(const abi::Function &grad, const ParamLayout &layout);

/// What of `input` each input of the graph `grad` stands for, in their order: the images first; null for 1 everywhere.
std::vector<const float *> gradientInputs(const abi::Function &grad, const StepInput &input);

/// Zeros where no gradient is written: between parameters, and for those that the graph does not read.
void clearUnwritten(const ParamLayout &layout, const std::vector<ParamLayout::Entry> &written, float *gradients);

} // namespace archrt::train

#endif // ARCHRT_TRAIN_STEPS_H
