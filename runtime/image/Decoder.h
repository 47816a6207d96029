//===- Decoder.h - What the decoders of the formats share -----------------===//

#ifndef ARCHRT_IMAGE_DECODER_H
#define ARCHRT_IMAGE_DECODER_H

#include "runtime/core/ByteView.h"
#include "runtime/image/Image.h"

namespace archrt::image {

/// An image of 1 or 3 channels as the file has it.
struct Decoded {
  Image image;
  Orientation orientation = 1;
};

bool isJpeg(ByteView bytes);
bool isPng(ByteView bytes);
Result<Decoded> decodeJpeg(ByteView bytes);
Result<Decoded> decodePng(ByteView bytes);

/// An error when the image is empty or too large.
Status checkSize(uint64_t width, uint64_t height);

/// Of a TIFF structure (what follows "Exif\0\0" in a JPEG, the eXIf chunk of a PNG); 1 when there is none.
Orientation orientationOf(ByteView tiff);

/// Mirrored and rotated so that it is upright.
Image turnUpright(const Image &image, Orientation orientation);

} // namespace archrt::image

#endif // ARCHRT_IMAGE_DECODER_H
