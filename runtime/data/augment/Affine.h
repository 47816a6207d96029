//===- Affine.h - Images sheared, shifted and turned ----------------------===//

#ifndef ARCHRT_DATA_AUGMENT_AFFINE_H
#define ARCHRT_DATA_AUGMENT_AFFINE_H

#include "runtime/image/Image.h"

#include <array>

namespace archrt::data {

enum class Interpolation { Bilinear, Bicubic };

/// How an affine map looks its pixels up, and what it takes where there are none.
struct Sampling {
  Interpolation interpolation = Interpolation::Bicubic;
  std::array<uint8_t, 3> fill = {128, 128, 128}; // per channel
};

/// Pillow's transform(AFFINE): the pixel at (x, y) is what stands at (m0 x + m1 y + m2, m3 x + m4 y + m5).
Image affine(const Image &image, const std::array<double, 6> &matrix, const Sampling &sampling);

/// Pillow's rotate(): counter-clockwise around the middle, the size kept.
Image rotate(const Image &image, double degrees, const Sampling &sampling);

} // namespace archrt::data

#endif // ARCHRT_DATA_AUGMENT_AFFINE_H
