// Any bytes as a JPEG or PNG: an accepted image has the pixels that its size says, for both numbers of channels, and can be transformed.
// Checksums of PNG chunks are repaired first, so that what is changed is looked at and not refused at once.

#include "runtime/image/Image.h"

#include <cstdlib>
#include <cstring>
#include <zlib.h>

using namespace archrt;

namespace {

constexpr uint64_t kManyPixels = 1 << 20;

uint64_t bigEndian(const uint8_t *data, int bytes) {
  uint64_t value = 0;
  for (int i = 0; i < bytes; ++i)
    value = value << 8 | data[i];
  return value;
}

/// Whether a header claims an image that takes seconds and gigabytes to refuse; the limit on pixels has a test of its own.
bool claimsManyPixels(const std::vector<uint8_t> &bytes) {
  bool isPng = bytes.size() > 24 && bytes[1] == 'P';
  if (isPng && bigEndian(&bytes[16], 4) * bigEndian(&bytes[20], 4) > kManyPixels)
    return true;
  // In a JPEG: marker FF Cn, length, precision, height, width; wherever it seems to stand.
  for (size_t i = 0; !isPng && i + 9 <= bytes.size(); ++i)
    if (bytes[i] == 0xFF && bytes[i + 1] >> 4 == 0xC && bigEndian(&bytes[i + 5], 2) * bigEndian(&bytes[i + 7], 2) > kManyPixels)
      return true;
  return false;
}

void repairChecksums(std::vector<uint8_t> &bytes) {
  for (size_t chunk = 8; chunk + 12 <= bytes.size();) {
    size_t length = bigEndian(&bytes[chunk], 4);
    if (length > bytes.size() - chunk - 12)
      return;
    uLong checksum = crc32(0, &bytes[chunk + 4], static_cast<uInt>(length + 4));
    for (int i = 0; i < 4; ++i)
      bytes[chunk + 8 + length + static_cast<size_t>(i)] = static_cast<uint8_t>(checksum >> (24 - 8 * i));
    chunk += 12 + length;
  }
}

void decode(ByteView bytes, const ReadImageOptions &options) {
  Result<Image> image = decodeImage(bytes, options);
  if (!image.ok()) {
    if (image.status().message().empty())
      std::abort();
    return;
  }
  if (image->channels != options.channels || image->pixels.size() != size_t(image->height * image->width * image->channels))
    std::abort();
  EvalTransform transform;
  transform.height = 9, transform.width = 7, transform.cropPct = 0.9;
  Result<Image> small = applyEvalTransform(*image, transform);
  if (!small.ok() || small->height != 9 || small->width != 7)
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::vector<uint8_t> bytes(data, data + size);
  if (size > 8 && std::memcmp(data, "\x89PNG", 4) == 0)
    repairChecksums(bytes);
  if (claimsManyPixels(bytes))
    return 0;
  ReadImageOptions grey;
  grey.channels = 1, grey.applyExif = true;
  decode({bytes.data(), bytes.size()}, {});
  decode({bytes.data(), bytes.size()}, grey);
  return 0;
}
