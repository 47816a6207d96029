//===- GradientStep.h - Loss, logits and gradients of one batch -----------===//
//
// What training asks of a device: the gradient of the sum of losses over a micro-batch. Optimizers, averaging and everything that
// lives longer than a step stand above it and work on flat arenas in the order of ParamLayout.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_TRAIN_GRADIENTSTEP_H
#define ARCHRT_TRAIN_GRADIENTSTEP_H

#include "runtime/device/Device.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace archrt::train {

/// Trainable f32 parameters one behind the other, in the order of Model.params, each at a multiple of 16 floats; gradients, moments
/// and averages have the same layout.
struct ParamLayout {
  struct Entry {
    uint32_t param;       // index into Model.params
    int64_t offset, size; // in floats
  };
  std::vector<Entry> entries;
  int64_t total = 0; // floats, a multiple of 16

  static ParamLayout of(const abi::Model &model);
};

struct StepInput {
  const float *images = nullptr;  // dense [batch, height, width, channels], normalised
  const float *targets = nullptr; // dense [batch, classes], soft
  const float *factors = nullptr; // dense [batch, sites] of drop path, or null for 1 everywhere
  int64_t batch = 0;              // at most what was reserved
  const float *kept = nullptr;    // dense [batch, features] of dropout in the head, or null for 1 everywhere
};

struct StepOutput {
  float *gradients =
      nullptr;             // ParamLayout.total floats, overwritten: of the sum of losses; zero between and for unread parameters
  float *losses = nullptr; // [batch]
  float *logits = nullptr; // [batch, classes]
};

/// Memory of a step beside what its caller holds.
struct StepBytes {
  int64_t activations = 0, prepared = 0; // prepared: weights in the kernels' layouts
};

/// One caller's step. Not safe for use by several threads at once; uses the pool's threads itself.
class GradientStep {
public:
  virtual ~GradientStep();

  /// Allocates for up to `maxBatch` images.
  virtual Status reserve(int64_t maxBatch) = 0;
  /// Derives what the kernels read. `params` are in memory and need not outlive the call; call it after every change.
  virtual Status setParameters(const std::shared_ptr<const ParamStore> &params) = 0;
  virtual Status run(const StepInput &input, const StepOutput &output) = 0;

  /// What it holds when `batch` images are reserved; zeros where nothing is planned.
  virtual StepBytes bytes(int64_t batch) const { return {}; }
  /// The plan behind it, or null.
  virtual const abi::TargetPlan *plan() const { return nullptr; }
  /// Times every kernel of the runs to come.
  virtual void setProfiling(bool on) {}
  virtual std::vector<StepTime> stepTimes() const { return {}; }
};

/// `device`: "cpu", "reference" (f64) or "reference-f32". `target` forces one plan of the artifact; "" chooses. `pool` outlives the
/// step. Fails on an artifact that was compiled without `--train`.
Result<std::unique_ptr<GradientStep>> createGradientStep(std::shared_ptr<const Artifact> artifact, ThreadPool &pool,
                                                         const std::string &device, const std::string &target);

} // namespace archrt::train

#endif // ARCHRT_TRAIN_GRADIENTSTEP_H
