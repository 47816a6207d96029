//===- Crop.h - Which part of an image becomes the input ------------------===//

#ifndef ARCHRT_DATA_AUGMENT_CROP_H
#define ARCHRT_DATA_AUGMENT_CROP_H

#include "runtime/data/augment/Draws.h"
#include "runtime/image/Image.h"

namespace archrt::data {

struct Box {
  int64_t top = 0, left = 0, height = 0, width = 0;
};

/// Ranges of the area, as a share of the image's, and of width over height.
struct CropRange {
  double scaleMin = 0.08, scaleMax = 1, ratioMin = 3.0 / 4, ratioMax = 4.0 / 3;
};

/// A rectangle as torchvision's RandomResizedCrop draws it: after ten that do not fit, the largest in the middle.
Box drawBox(const Image &image, const CropRange &range, Draws &draws);

/// The part of `image`; zeros where the box reaches beyond it.
Image cropped(const Image &image, const Box &box);

/// Left and right, or top and bottom, swapped.
Image mirrored(const Image &image);
Image upsideDown(const Image &image);

} // namespace archrt::data

#endif // ARCHRT_DATA_AUGMENT_CROP_H
