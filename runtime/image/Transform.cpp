// timm's transform for evaluation on Pillow images: resize with antialias, then crop. The resize repeats Pillow's arithmetic (two
// passes over 8-bit values with coefficients of 22 fractional bits), so that the pixels are Pillow's.

#include "runtime/image/Image.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace archrt {
namespace {

struct Filter {
  double support;
  double (*weight)(double distance);
};

double bilinear(double x) {
  x = std::abs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

/// Keys' cubic with a = -0.5.
double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1.0)
    return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  return x < 2.0 ? (((x - 5) * x + 8) * x - 4) * a : 0.0;
}

constexpr int kFractionBits = 32 - 8 - 2;

/// What one output position takes from the input: `weights` for the positions from `first` on.
struct Taps {
  int64_t first;
  std::vector<int32_t> weights;
};

/// The filter is stretched by the scale when shrinking: that is the antialias.
Taps tapsAt(int64_t position, int64_t inputSize, int64_t outputSize, const Filter &filter) {
  double scale = static_cast<double>(inputSize) / static_cast<double>(outputSize), filterScale = std::max(scale, 1.0);
  double support = filter.support * filterScale, center = (static_cast<double>(position) + 0.5) * scale;
  int64_t first = std::max<int64_t>(static_cast<int64_t>(center - support + 0.5), 0);
  int64_t last = std::min<int64_t>(static_cast<int64_t>(center + support + 0.5), inputSize);
  std::vector<double> weights;
  double sum = 0, inverse = 1.0 / filterScale;
  for (int64_t i = first; i < last; ++i) {
    weights.push_back(filter.weight((static_cast<double>(i) - center + 0.5) * inverse));
    sum += weights.back();
  }
  Taps taps{first, {}};
  for (double weight : weights) {
    double scaled = (sum != 0 ? weight / sum : weight) * (1 << kFractionBits);
    taps.weights.push_back(static_cast<int32_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5));
  }
  return taps;
}

/// `step` is the distance of neighbouring inputs.
uint8_t weigh(const Taps &taps, const uint8_t *input, int64_t step) {
  int32_t sum = 1 << (kFractionBits - 1);
  for (size_t i = 0; i < taps.weights.size(); ++i)
    sum += input[static_cast<int64_t>(i) * step] * taps.weights[i];
  return static_cast<uint8_t>(std::clamp(sum >> kFractionBits, 0, 255));
}

Image resizeWidth(const Image &image, int64_t width, const Filter &filter) {
  Image resized(image.height, width, image.channels);
  for (int64_t x = 0; x < width; ++x) {
    Taps taps = tapsAt(x, image.width, width, filter);
    for (int64_t y = 0; y < image.height; ++y)
      for (int64_t c = 0; c < image.channels; ++c)
        resized.row(y)[x * image.channels + c] = weigh(taps, image.row(y) + taps.first * image.channels + c, image.channels);
  }
  return resized;
}

Image resizeHeight(const Image &image, int64_t height, const Filter &filter) {
  Image resized(height, image.width, image.channels);
  int64_t rowSize = image.width * image.channels;
  for (int64_t y = 0; y < height; ++y) {
    Taps taps = tapsAt(y, image.height, height, filter);
    for (int64_t i = 0; i < rowSize; ++i)
      resized.row(y)[i] = weigh(taps, image.row(taps.first) + i, rowSize);
  }
  return resized;
}

struct Size {
  int64_t height, width;
};

/// Python's round() and int(round()): halves go to the even neighbour.
int64_t roundHalfEven(double x) { return static_cast<int64_t>(std::nearbyint(x)); }

/// torchvision's Resize(size) of the shorter side for a square target, timm's ResizeKeepRatio otherwise.
Size coveringSize(const Image &image, const EvalTransform &transform) {
  auto scaled = [&](int64_t size) { return static_cast<int64_t>(std::floor(static_cast<double>(size) / transform.cropPct)); };
  Size target{scaled(transform.height), scaled(transform.width)};
  if (target.height == target.width) {
    int64_t shorter = std::min(image.height, image.width), longer = std::max(image.height, image.width);
    auto stretched = static_cast<int64_t>(static_cast<double>(target.height * longer) / static_cast<double>(shorter));
    return image.width <= image.height ? Size{stretched, target.width} : Size{target.height, stretched};
  }
  double ratio = std::min(static_cast<double>(image.height) / static_cast<double>(target.height),
                          static_cast<double>(image.width) / static_cast<double>(target.width));
  return {roundHalfEven(static_cast<double>(image.height) / ratio), roundHalfEven(static_cast<double>(image.width) / ratio)};
}

/// Where the crop begins; negative when the image is smaller and zeros surround it.
int64_t cropOrigin(int64_t imageSize, int64_t cropSize) {
  if (cropSize > imageSize)
    return -((cropSize - imageSize) / 2);
  return roundHalfEven(static_cast<double>(imageSize - cropSize) / 2.0);
}

Image centerCrop(const Image &image, Size size) {
  Image crop(size.height, size.width, image.channels);
  int64_t top = cropOrigin(image.height, size.height), left = cropOrigin(image.width, size.width);
  int64_t firstX = std::max<int64_t>(0, -left), lastX = std::min(size.width, image.width - left);
  for (int64_t y = std::max<int64_t>(0, -top); y < std::min(size.height, image.height - top); ++y)
    std::memcpy(crop.row(y) + firstX * image.channels, image.row(top + y) + (left + firstX) * image.channels,
                static_cast<size_t>((lastX - firstX) * image.channels));
  return crop;
}

Result<Filter> filterOf(const std::string &interpolation) {
  if (interpolation == "bicubic")
    return Filter{2.0, bicubic};
  if (interpolation == "bilinear")
    return Filter{1.0, bilinear};
  return Status::invalid("unknown interpolation `" + interpolation + "`; expected `bicubic` or `bilinear`");
}

Image inWidth(const Image &image, int64_t width, const Filter &filter) {
  return width == image.width ? image : resizeWidth(image, width, filter);
}

Image inHeight(const Image &image, int64_t height, const Filter &filter) {
  return height == image.height ? image : resizeHeight(image, height, filter);
}

/// The pass that comes first rounds first. The order is that of Pillow 13; older versions always begin with the width.
Image resized(const Image &image, Size size, const Filter &filter) {
  bool heightFirst = size.height < image.height && image.height - size.height > 2 * (image.width - size.width);
  return heightFirst ? inWidth(inHeight(image, size.height, filter), size.width, filter)
                     : inHeight(inWidth(image, size.width, filter), size.height, filter);
}

} // namespace

Result<Image> resize(const Image &image, const ResizeOptions &options) {
  ARCHRT_ASSIGN(Filter filter, filterOf(options.interpolation));
  return resized(image, {options.height, options.width}, filter);
}

Result<Image> applyEvalTransform(const Image &image, const EvalTransform &transform) {
  ARCHRT_ASSIGN(Filter filter, filterOf(transform.interpolation));
  if (!(transform.cropPct > 0) || transform.height < 1 || transform.width < 1 || image.pixels.empty())
    return Status::invalid("the transform needs a positive crop fraction and sizes");
  Size size = coveringSize(image, transform);
  // A strip of one pixel would grow without bound.
  if (size.height < 1 || size.width < 1 || size.height > kMostPixels / size.width)
    return Status::invalid("the image of " + std::to_string(image.width) + "x" + std::to_string(image.height) +
                           " pixels would be resized to " + std::to_string(size.width) + "x" + std::to_string(size.height));
  return centerCrop(resized(image, size, filter), {transform.height, transform.width});
}

} // namespace archrt
