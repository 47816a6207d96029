#include "runtime/data/augment/Crop.h"

#include <algorithm>
#include <cmath>

namespace archrt::data {

/// Python's round().
static int64_t rounded(double x) { return static_cast<int64_t>(std::nearbyint(x)); }

static Box middle(const Image &image, int64_t height, int64_t width) {
  return {(image.height - height) / 2, (image.width - width) / 2, height, width};
}

Box drawBox(const Image &image, const CropRange &range, Draws &draws) {
  auto height = static_cast<double>(image.height), width = static_cast<double>(image.width);
  for (int attempt = 0; attempt < 10; ++attempt) {
    double area = draws.uniform(range.scaleMin, range.scaleMax) * height * width;
    double ratio = std::exp(draws.uniform(std::log(range.ratioMin), std::log(range.ratioMax)));
    int64_t w = rounded(std::sqrt(area * ratio)), h = rounded(std::sqrt(area / ratio));
    if (w > image.width || h > image.height || w < 1 || h < 1)
      continue;
    int64_t top = draws.below(image.height - h + 1);
    return {top, draws.below(image.width - w + 1), h, w};
  }
  if (width / height < range.ratioMin)
    return middle(image, std::clamp<int64_t>(rounded(width / range.ratioMin), 1, image.height), image.width);
  if (width / height > range.ratioMax)
    return middle(image, image.height, std::clamp<int64_t>(rounded(height * range.ratioMax), 1, image.width));
  return middle(image, image.height, image.width);
}

Image cropped(const Image &image, const Box &box) {
  Image part(box.height, box.width, image.channels);
  int64_t first = std::max<int64_t>(0, -box.left), last = std::min(box.width, image.width - box.left);
  for (int64_t y = std::max<int64_t>(0, -box.top); y < std::min(box.height, image.height - box.top); ++y)
    if (first < last)
      std::copy_n(image.row(box.top + y) + (box.left + first) * image.channels, (last - first) * image.channels,
                  part.row(y) + first * image.channels);
  return part;
}

Image mirrored(const Image &image) {
  Image result(image.height, image.width, image.channels);
  for (int64_t y = 0; y < image.height; ++y)
    for (int64_t x = 0; x < image.width; ++x)
      std::copy_n(image.row(y) + x * image.channels, image.channels, result.row(y) + (image.width - 1 - x) * image.channels);
  return result;
}

Image upsideDown(const Image &image) {
  Image result(image.height, image.width, image.channels);
  for (int64_t y = 0; y < image.height; ++y)
    std::copy_n(image.row(y), image.width * image.channels, result.row(image.height - 1 - y));
  return result;
}

} // namespace archrt::data
