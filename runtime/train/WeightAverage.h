//===- WeightAverage.h - An exponential moving average of the weights -----===//

#ifndef ARCHRT_TRAIN_WEIGHTAVERAGE_H
#define ARCHRT_TRAIN_WEIGHTAVERAGE_H

#include "runtime/train/TensorPieces.h"

namespace archrt::train {

struct AverageOptions {
  double decay = 0;    // 0: no average is kept
  bool warmup = false; // the decay at update t is at most (1 + t) / (10 + t)
};

/// The decay after update `update` (from 1). The first update copies the weights, as in timm.
double averageDecay(const AverageOptions &options, int64_t update);

/// average += (1 - decay) * (params - average), rounded as torch.lerp does.
void updateAverage(const TensorPieces &pieces, ThreadPool &pool, const TensorPointers &average, const TensorPointers &params,
                   double decay);

} // namespace archrt::train

#endif // ARCHRT_TRAIN_WEIGHTAVERAGE_H
