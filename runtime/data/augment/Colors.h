//===- Colors.h - Operations on the values of single pixels ---------------===//
//
// Pillow's arithmetic on 8-bit values, as timm calls it. Images of one channel are grey, of three red, green and blue.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_DATA_AUGMENT_COLORS_H
#define ARCHRT_DATA_AUGMENT_COLORS_H

#include "runtime/image/Image.h"

namespace archrt::data {

/// Each channel is stretched so that its darkest value is 0 and its brightest 255.
Image autoContrast(const Image &image);
/// Each channel's histogram becomes flat.
Image equalize(const Image &image);
Image invert(const Image &image);
/// Keeps the `bits` highest bits, from 0 to 8.
Image posterize(const Image &image, int bits);
/// Values of at least `threshold` are inverted.
Image solarize(const Image &image, int threshold);
/// `amount` is added to values below 128.
Image solarizeAdd(const Image &image, int amount);

/// Between a changed image (factor 0) and this one (factor 1), or beyond: grey, the mean grey, black, smoothed.
Image adjustColor(const Image &image, double factor);
Image adjustContrast(const Image &image, double factor);
Image adjustBrightness(const Image &image, double factor);
Image adjustSharpness(const Image &image, double factor);

/// Hue turned by `shift` of the circle, from -0.5 to 0.5. Grey images have none.
Image adjustHue(const Image &image, double shift);

} // namespace archrt::data

#endif // ARCHRT_DATA_AUGMENT_COLORS_H
