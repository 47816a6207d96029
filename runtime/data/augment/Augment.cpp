#include "runtime/data/augment/Augment.h"
#include "runtime/data/augment/Colors.h"

#include <algorithm>
#include <cmath>

namespace archrt::data {

static const char *nameOf(Interpolation interpolation) {
  return interpolation == Interpolation::Bicubic ? "bicubic" : "bilinear";
}

static Interpolation drawnFrom(const std::vector<Interpolation> &interpolations, Draws &draws) {
  return interpolations[static_cast<size_t>(draws.below(static_cast<int64_t>(interpolations.size())))];
}

static Result<Image> paddedCrop(const Image &image, const EvalTransform &transform, int64_t padding, Draws &draws) {
  // An image of another size is brought to the input's first.
  Image fitting = image;
  if (image.height != transform.height || image.width != transform.width) {
    ARCHRT_ASSIGN(fitting, applyEvalTransform(image, transform));
  }
  int64_t top = draws.below(2 * padding + 1) - padding, left = draws.below(2 * padding + 1) - padding;
  return cropped(fitting, {top, left, transform.height, transform.width});
}

static Result<Image> crop(const Image &image, const EvalTransform &transform, const AugmentOptions &options, Draws &draws) {
  if (options.crop == CropMode::Pad)
    return paddedCrop(image, transform, options.padding, draws);
  EvalTransform chosen = transform;
  chosen.interpolation = nameOf(drawnFrom(options.interpolations, draws));
  if (options.crop == CropMode::None)
    return applyEvalTransform(image, chosen);
  return resize(cropped(image, drawBox(image, options.range, draws)), {chosen.height, chosen.width, chosen.interpolation});
}

Image jitter(const Image &image, const JitterOptions &options, Draws &draws) {
  int order[] = {0, 1, 2, 3};
  for (int64_t i = 3; i > 0; --i)
    std::swap(order[i], order[draws.below(i + 1)]);
  auto factor = [&](double x) { return draws.uniform(std::max(0.0, 1 - x), 1 + x); };
  double brightness = factor(options.brightness), contrast = factor(options.contrast), saturation = factor(options.saturation),
         hue = draws.uniform(-options.hue, options.hue);
  Image result = image;
  for (int which : order) {
    if (which == 0 && options.brightness > 0)
      result = adjustBrightness(result, brightness);
    if (which == 1 && options.contrast > 0)
      result = adjustContrast(result, contrast);
    if (which == 2 && options.saturation > 0)
      result = adjustColor(result, saturation);
    if (which == 3 && options.hue > 0)
      result = adjustHue(result, hue);
  }
  return result;
}

Result<Image> augment(const Image &image, const EvalTransform &transform, const AugmentOptions &options, Draws &draws) {
  ARCHRT_ASSIGN(Image result, crop(image, transform, options, draws));
  if (options.flip > 0 && draws.chance(options.flip))
    result = mirrored(result);
  if (options.verticalFlip > 0 && draws.chance(options.verticalFlip))
    result = upsideDown(result);
  if (options.randAugment)
    result = randAugment(result, *options.randAugment, {Interpolation::Bicubic, options.fill}, options.interpolations, draws);
  const JitterOptions &colors = options.jitter;
  if (colors.brightness > 0 || colors.contrast > 0 || colors.saturation > 0 || colors.hue > 0)
    result = jitter(result, colors, draws);
  return result;
}

// --- Erasing -------------------------------------------------------------------------

static void overwrite(float *image, const Extents &extents, const Box &box, EraseMode mode, Draws &draws) {
  std::vector<float> color(static_cast<size_t>(extents.channels), 0.0f);
  if (mode == EraseMode::Rand)
    for (float &value : color)
      value = static_cast<float>(draws.normal());
  for (int64_t y = box.top; y < box.top + box.height; ++y)
    for (int64_t x = box.left; x < box.left + box.width; ++x)
      for (int64_t c = 0; c < extents.channels; ++c)
        image[(y * extents.width + x) * extents.channels + c] =
            mode == EraseMode::Pixel ? static_cast<float>(draws.normal()) : color[static_cast<size_t>(c)];
}

void erase(float *image, const Extents &extents, const EraseOptions &options, Draws &draws) {
  if (options.mode == EraseMode::None || !draws.chance(options.probability))
    return;
  int64_t count = 1 + draws.below(options.count);
  double area = static_cast<double>(extents.height * extents.width) / static_cast<double>(count);
  double logAspect = std::log(options.aspect);
  for (int64_t i = 0; i < count; ++i)
    for (int attempt = 0; attempt < 10; ++attempt) {
      double target = draws.uniform(options.areaMin, options.areaMax) * area;
      double aspect = std::exp(draws.uniform(logAspect, -logAspect));
      auto height = static_cast<int64_t>(std::nearbyint(std::sqrt(target * aspect)));
      auto width = static_cast<int64_t>(std::nearbyint(std::sqrt(target / aspect)));
      if (width >= extents.width || height >= extents.height)
        continue;
      int64_t top = draws.below(extents.height - height + 1);
      overwrite(image, extents, {top, draws.below(extents.width - width + 1), height, width}, options.mode, draws);
      break;
    }
}

} // namespace archrt::data
