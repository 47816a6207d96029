#include "runtime/core/MappedFile.h"
#include "runtime/image/Decoder.h"

#include <new>

namespace archrt {

namespace image {

Status checkSize(uint64_t width, uint64_t height) {
  if (width == 0 || height == 0)
    return Status::invalid("the image is empty");
  if (width > static_cast<uint64_t>(kMostPixels) || height > static_cast<uint64_t>(kMostPixels) ||
      width * height > static_cast<uint64_t>(kMostPixels))
    return Status::invalid("the image has " + std::to_string(width) + "x" + std::to_string(height) +
                           " pixels; expected at most " + std::to_string(kMostPixels));
  return Status::success();
}

static Image rgbOfGrey(const Image &grey) {
  Image rgb(grey.height, grey.width, 3);
  for (size_t i = 0; i < rgb.pixels.size(); ++i)
    rgb.pixels[i] = grey.pixels[i / 3];
  return rgb;
}

/// The luma of ITU-R 601-2 in 16-bit fixed point.
static Image greyOfRgb(const Image &rgb) {
  Image grey(rgb.height, rgb.width, 1);
  for (size_t i = 0; i < grey.pixels.size(); ++i) {
    const uint8_t *pixel = rgb.pixels.data() + 3 * i;
    grey.pixels[i] = static_cast<uint8_t>((pixel[0] * 19595 + pixel[1] * 38470 + pixel[2] * 7471 + 0x8000) >> 16);
  }
  return grey;
}

static Result<Decoded> decode(ByteView bytes) {
  if (isJpeg(bytes))
    return decodeJpeg(bytes);
  if (isPng(bytes))
    return decodePng(bytes);
  return Status::invalid(bytes.size == 0 ? "the file is empty; expected a JPEG or PNG image"
                                         : "unknown format; expected a JPEG or PNG image");
}

} // namespace image

Image withChannels(const Image &image, int64_t channels) {
  if (image.channels == channels)
    return image;
  return channels == 3 ? image::rgbOfGrey(image) : image::greyOfRgb(image);
}

Result<Image> decodeImage(ByteView bytes, const ReadImageOptions &options) {
  if (options.channels != 1 && options.channels != 3)
    return Status::invalid("images have 1 or 3 channels; the model wants " + std::to_string(options.channels));
  try {
    auto decoded = image::decode(bytes);
    if (!decoded.ok())
      return decoded.status();
    Image image = std::move(decoded->image);
    if (options.applyExif && decoded->orientation != 1)
      image = image::turnUpright(image, decoded->orientation);
    return withChannels(image, options.channels);
  } catch (const std::bad_alloc &) {
    return Status(ErrorCode::Environment, "not enough memory for the image");
  }
}

Result<Image> readImage(const std::string &path, const ReadImageOptions &options) {
  auto file = MappedFile::open(path);
  if (!file.ok())
    return file.status();
  auto image = decodeImage((*file)->bytes(), options);
  if (!image.ok())
    return Status(image.status().code(), "`" + path + "`: " + image.status().message());
  return image;
}

} // namespace archrt
