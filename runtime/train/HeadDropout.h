//===- HeadDropout.h - Which features the classifier does not see ---------===//

#ifndef ARCHRT_TRAIN_HEADDROPOUT_H
#define ARCHRT_TRAIN_HEADDROPOUT_H

#include "runtime/train/DropPath.h"

namespace archrt::train {

/// How many inputs of the last linear layer can be dropped; 0 when the graph `grad` takes no factors for them.
int64_t headDropoutFeatures(const abi::Model &model);

struct HeadDropout {
  double rate = 0;
  int64_t features = 0;
};

/// Fills dense [count, features]: 0 with the probability `rate`, else 1 / (1 - rate).
void drawHeadDropout(const HeadDropout &dropout, const DropPathDraw &draw, int64_t count, float *factors);

} // namespace archrt::train

#endif // ARCHRT_TRAIN_HEADDROPOUT_H
