//===- RandAugment.h - Operations drawn for each image --------------------===//
//
// arXiv:1909.13719 with the operations, magnitudes and draws of timm's `rand-m…-n…-mstd…-inc…`.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_DATA_AUGMENT_RANDAUGMENT_H
#define ARCHRT_DATA_AUGMENT_RANDAUGMENT_H

#include "runtime/data/augment/Affine.h"
#include "runtime/data/augment/Draws.h"

#include <vector>

namespace archrt::data {

struct RandAugmentOptions {
  int64_t ops = 2;
  double magnitude = 9, noise = 0.5, probability = 0.5;
  bool increasing = true;
};

enum class Operation {
  AutoContrast,
  Equalize,
  Invert,
  Rotate,
  Posterize,
  Solarize,
  SolarizeAdd,
  Color,
  Contrast,
  Brightness,
  Sharpness,
  ShearX,
  ShearY,
  TranslateX,
  TranslateY
};
constexpr int64_t kOperations = static_cast<int64_t>(Operation::TranslateY) + 1;

/// How strongly an operation is done: `level` from 0 to 10, with `negative` the other way where there are two.
struct Strength {
  double level = 10;
  bool negative = false, increasing = true;
};

Image applyOperation(Operation operation, const Image &image, const Strength &strength, const Sampling &sampling);

/// `interpolations` are those that an operation draws from; `sampling.interpolation` is not looked at.
Image randAugment(const Image &image, const RandAugmentOptions &options, const Sampling &sampling,
                  const std::vector<Interpolation> &interpolations, Draws &draws);

} // namespace archrt::data

#endif // ARCHRT_DATA_AUGMENT_RANDAUGMENT_H
