// The one EXIF tag that says how to turn an image.

#include "runtime/image/Decoder.h"

#include <cstring>

namespace archrt::image {
namespace {

constexpr int kOrientationTag = 0x0112, kShort = 3;
constexpr size_t kEntryBytes = 12;

/// Numbers of either byte order; 0 behind the end.
struct TiffReader {
  ByteView bytes;
  bool bigEndian = false;

  uint32_t number(size_t offset, size_t size) const {
    if (offset > bytes.size || bytes.size - offset < size)
      return 0;
    uint32_t value = 0;
    for (size_t i = 0; i < size; ++i)
      value = value << 8 | bytes.data[offset + (bigEndian ? i : size - 1 - i)];
    return value;
  }
};

} // namespace

Orientation orientationOf(ByteView tiff) {
  if (tiff.size < 8 || (std::memcmp(tiff.data, "II*\0", 4) != 0 && std::memcmp(tiff.data, "MM\0*", 4) != 0))
    return 1;
  TiffReader reader{tiff, tiff.data[0] == 'M'};
  size_t directory = reader.number(4, 4), count = reader.number(directory, 2);
  for (size_t i = 0; i < count; ++i) {
    size_t entry = directory + 2 + i * kEntryBytes;
    if (reader.number(entry, 2) != kOrientationTag || reader.number(entry + 2, 2) != kShort)
      continue;
    uint32_t value = reader.number(entry + 8, 2);
    return value >= 1 && value <= 8 ? static_cast<Orientation>(value) : 1;
  }
  return 1;
}

Image turnUpright(const Image &image, Orientation orientation) {
  bool swapped = orientation >= 5; // rows are columns
  bool mirrorX = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  bool mirrorY = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Image upright(swapped ? image.width : image.height, swapped ? image.height : image.width, image.channels);
  for (int64_t y = 0; y < upright.height; ++y)
    for (int64_t x = 0; x < upright.width; ++x) {
      int64_t sourceX = swapped ? y : x, sourceY = swapped ? x : y;
      sourceX = mirrorX ? image.width - 1 - sourceX : sourceX;
      sourceY = mirrorY ? image.height - 1 - sourceY : sourceY;
      std::memcpy(upright.row(y) + x * image.channels, image.row(sourceY) + sourceX * image.channels, image.channels);
    }
  return upright;
}

} // namespace archrt::image
