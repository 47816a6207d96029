//===- Augment.h - What is done to one image of a training batch ----------===//
//
// In this order: crop, flips, RandAugment, colour jitter; then the caller normalises, and erase comes last. Everything drawn comes
// from one stream, so that an image is a function of that stream and of nothing else.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_DATA_AUGMENT_AUGMENT_H
#define ARCHRT_DATA_AUGMENT_AUGMENT_H

#include "runtime/data/augment/Crop.h"
#include "runtime/data/augment/RandAugment.h"

#include <optional>

namespace archrt::data {

enum class CropMode { None, RandomResized, Pad };
enum class EraseMode { None, Const, Rand, Pixel };

/// Factors are drawn from 1 - x to 1 + x, the turn of the hue from -hue to hue; the four in an order drawn, too.
struct JitterOptions {
  double brightness = 0, contrast = 0, saturation = 0, hue = 0;
};

struct EraseOptions {
  EraseMode mode = EraseMode::None;
  double probability = 0.25, areaMin = 0.02, areaMax = 1.0 / 3, aspect = 0.3;
  int64_t count = 1;
};

struct AugmentOptions {
  CropMode crop = CropMode::None;
  CropRange range;     // RandomResized
  int64_t padding = 0; // Pad
  std::vector<Interpolation> interpolations = {Interpolation::Bicubic};
  double flip = 0, verticalFlip = 0;
  std::optional<RandAugmentOptions> randAugment;
  std::array<uint8_t, 3> fill = {128, 128, 128}; // of what RandAugment moves in from outside
  JitterOptions jitter;
  EraseOptions erase;
};

/// `transform` says the size, and what is done instead of a crop.
Result<Image> augment(const Image &image, const EvalTransform &transform, const AugmentOptions &options, Draws &draws);

Image jitter(const Image &image, const JitterOptions &options, Draws &draws);

/// Extents of a dense image [height, width, channels].
struct Extents {
  int64_t height = 0, width = 0, channels = 0;
  int64_t elements() const { return height * width * channels; }
};

/// timm's RandomErasing, on a normalised image.
void erase(float *image, const Extents &extents, const EraseOptions &options, Draws &draws);

} // namespace archrt::data

#endif // ARCHRT_DATA_AUGMENT_AUGMENT_H
