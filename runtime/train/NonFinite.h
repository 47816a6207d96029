//===- NonFinite.h - Where a step first leaves the finite numbers ---------===//

#ifndef ARCHRT_TRAIN_NONFINITE_H
#define ARCHRT_TRAIN_NONFINITE_H

#include "runtime/train/GradientStep.h"

namespace archrt::train {

/// One image of a step: what its batch had in this place.
StepInput imageOf(const abi::Function &grad, const StepInput &input, int64_t image);

/// Computes images of the batch anew with the reference interpreter in f32, one after the other from `first` on, and describes the
/// first op whose result is not finite: "`mf.linear` of `stages.0.blocks.1.mlp.fc1` (tiny28.toml:14)". At most `images` are tried,
/// since that is slow. Empty where all stay finite and where the model has no training step. `params` are in memory.
std::string firstNonFinite(const abi::Model &model, const ParamStore &params, const StepInput &input, int64_t first,
                           int64_t images);

} // namespace archrt::train

#endif // ARCHRT_TRAIN_NONFINITE_H
