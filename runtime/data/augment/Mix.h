//===- Mix.h - Images of a batch mixed with one another, and their targets ===//

#ifndef ARCHRT_DATA_AUGMENT_MIX_H
#define ARCHRT_DATA_AUGMENT_MIX_H

#include "runtime/data/augment/Augment.h"

namespace archrt::data {

/// timm's Mixup of mode `batch`. Alphas of 0 turn off what they belong to.
struct MixOptions {
  double mixup = 0, cutmix = 0, probability = 1, switchProbability = 0.5;
};

/// What a batch's images and targets are mixed with: those of the reversed batch.
struct Mixing {
  float share = 1; // of an image itself
  Box cut;         // cutmix: the rectangle that comes from the other image; empty: mixup
};

/// `share` of a cut is corrected to the part of the rectangle inside the image.
Mixing drawMixing(const MixOptions &options, const Extents &extents, Draws &draws);

/// The mixing of cutmix with a rectangle around (y, x) whose area is 1 - `share` of the image's before what is outside is cut off.
Mixing cutAt(double share, int64_t y, int64_t x, const Extents &extents);

/// In place.
void mixImages(const Mixing &mixing, float *images, int64_t count, const Extents &extents);

struct TargetOptions {
  int64_t classes = 0;
  double smoothing = 0;
};

/// Soft targets [labels, classes]: `smoothing` spread over all classes, the rest on the label and on that of the reversed batch by
/// their shares.
void makeTargets(const Mixing &mixing, const std::vector<int32_t> &labels, const TargetOptions &options, float *targets);

} // namespace archrt::data

#endif // ARCHRT_DATA_AUGMENT_MIX_H
