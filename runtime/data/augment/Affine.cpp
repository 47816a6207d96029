// Pillow's arithmetic (double, values cut towards 0), so that the pixels are Pillow's.

#include "runtime/data/augment/Affine.h"

#include <algorithm>
#include <cmath>

namespace archrt::data {
namespace {

class Sampler {
public:
  Sampler(const Image &image, Interpolation interpolation) : image(image), cubic(interpolation == Interpolation::Bicubic) {}

  /// False outside the image.
  bool sample(double x, double y, uint8_t *out) const {
    if (x < 0 || x >= static_cast<double>(image.width) || y < 0 || y >= static_cast<double>(image.height))
      return false;
    double left = std::floor(x - 0.5), top = std::floor(y - 0.5);
    Place place{static_cast<int64_t>(left), static_cast<int64_t>(top), x - 0.5 - left, y - 0.5 - top};
    for (int64_t c = 0; c < image.channels; ++c)
      out[c] = static_cast<uint8_t>(std::clamp(cubic ? bicubic(place, c) : bilinear(place, c), 0.0, 255.0));
    return true;
  }

private:
  struct Place {
    int64_t x, y;
    double dx, dy;
  };

  double at(int64_t x, int64_t y, int64_t channel) const {
    return image.row(y)[std::clamp<int64_t>(x, 0, image.width - 1) * image.channels + channel];
  }

  double lineOfTwo(const Place &place, int64_t y, int64_t channel) const {
    double a = at(place.x, y, channel), b = at(place.x + 1, y, channel);
    return a + (b - a) * place.dx;
  }

  double bilinear(const Place &place, int64_t channel) const {
    double a = lineOfTwo(place, std::clamp<int64_t>(place.y, 0, image.height - 1), channel);
    double b = isRow(place.y + 1) ? lineOfTwo(place, place.y + 1, channel) : a;
    return a + (b - a) * place.dy;
  }

  /// The cubic with a = -1 through four values of distance 1.
  static double cubicThrough(const double (&v)[4], double d) {
    double p2 = -v[0] + v[2], p3 = 2 * (v[0] - v[1]) + v[2] - v[3], p4 = -v[0] + v[1] - v[2] + v[3];
    return v[1] + d * (p2 + d * (p3 + d * p4));
  }

  double lineOfFour(const Place &place, int64_t y, int64_t channel) const {
    double values[4];
    for (int64_t i = 0; i < 4; ++i)
      values[i] = at(place.x - 1 + i, y, channel);
    return cubicThrough(values, place.dx);
  }

  /// A row below the image counts as the one above it.
  double bicubic(const Place &place, int64_t channel) const {
    double values[4] = {lineOfFour(place, std::clamp<int64_t>(place.y - 1, 0, image.height - 1), channel)};
    for (int64_t i = 1; i < 4; ++i)
      values[i] = isRow(place.y - 1 + i) ? lineOfFour(place, place.y - 1 + i, channel) : values[i - 1];
    return cubicThrough(values, place.dy);
  }

  bool isRow(int64_t y) const { return y >= 0 && y < image.height; }

  const Image &image;
  bool cubic;
};

/// As Python's round(x, 15), which makes cos(90 degrees) 0.
double roundTo15(double x) { return std::nearbyint(x * 1e15) / 1e15; }

} // namespace

Image affine(const Image &image, const std::array<double, 6> &m, const Sampling &sampling) {
  Image result(image.height, image.width, image.channels);
  Sampler sampler(image, sampling.interpolation);
  for (int64_t y = 0; y < image.height; ++y)
    for (int64_t x = 0; x < image.width; ++x) {
      double px = static_cast<double>(x) + 0.5, py = static_cast<double>(y) + 0.5;
      uint8_t *out = result.row(y) + x * image.channels;
      if (!sampler.sample(m[0] * px + m[1] * py + m[2], m[3] * px + m[4] * py + m[5], out))
        std::copy_n(sampling.fill.data(), image.channels, out);
    }
  return result;
}

Image rotate(const Image &image, double degrees, const Sampling &sampling) {
  double turned = std::fmod(degrees, 360.0);
  if (turned == 0)
    return image;
  double angle = -(turned < 0 ? turned + 360 : turned) * 3.14159265358979323846 / 180;
  double cosine = roundTo15(std::cos(angle)), sine = roundTo15(std::sin(angle));
  double centerX = static_cast<double>(image.width) / 2, centerY = static_cast<double>(image.height) / 2;
  return affine(
      image,
      {cosine, sine, -centerX * cosine - centerY * sine + centerX, -sine, cosine, centerX * sine - centerY * cosine + centerY},
      sampling);
}

} // namespace archrt::data
