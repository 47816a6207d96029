//===- Image.h - Decoded images -------------------------------------------===//

#ifndef ARCHRT_IMAGE_IMAGE_H
#define ARCHRT_IMAGE_IMAGE_H

#include "runtime/core/ByteView.h"
#include "runtime/core/Status.h"

#include <cstdint>
#include <string>
#include <vector>

namespace archrt {

/// An image has at most this many pixels (Pillow refuses larger ones too).
constexpr int64_t kMostPixels = 178956970;

/// 8 bits per value, rows top to bottom, channels fastest: 1 (grey) or 3 (red, green, blue).
struct Image {
  int64_t height = 0, width = 0, channels = 0;
  std::vector<uint8_t> pixels;

  Image() = default;
  Image(int64_t height, int64_t width, int64_t channels)
      : height(height), width(width), channels(channels), pixels(static_cast<size_t>(height * width * channels)) {}

  uint8_t *row(int64_t y) { return pixels.data() + y * width * channels; }
  const uint8_t *row(int64_t y) const { return pixels.data() + y * width * channels; }
};

/// How the camera was held, by EXIF's numbers 1 ... 8; 1 is upright.
using Orientation = int;

struct ReadImageOptions {
  int64_t channels = 3;
  /// Turns the image upright. Without it the tag is ignored, as timm does.
  bool applyExif = false;
};

/// Reads a JPEG or PNG file, told apart by their first bytes, as Pillow's `Image.open(path).convert("RGB")` (or "L" for one channel)
/// does. The error names the file and the reason.
Result<Image> readImage(const std::string &path, const ReadImageOptions &options = {});

/// The same from memory; the error names the reason only.
Result<Image> decodeImage(ByteView bytes, const ReadImageOptions &options = {});

/// timm's transform for evaluation: resize so that the image covers size / cropPct, then cut the middle out.
struct EvalTransform {
  int64_t height = 224, width = 224;
  double cropPct = 1.0;
  std::string interpolation = "bicubic"; // or "bilinear"
};

/// Grey to red, green and blue or back, as Pillow's convert() does it; the image itself when it has `channels`.
Image withChannels(const Image &image, int64_t channels);

struct ResizeOptions {
  int64_t height = 0, width = 0;
  std::string interpolation = "bicubic"; // or "bilinear"
};

/// Pillow's resize, with antialias, of an image that has pixels.
Result<Image> resize(const Image &image, const ResizeOptions &options);

Result<Image> applyEvalTransform(const Image &image, const EvalTransform &transform);

} // namespace archrt

#endif // ARCHRT_IMAGE_IMAGE_H
