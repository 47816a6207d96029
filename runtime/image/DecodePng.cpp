// PNG through libpng. What Pillow does: alpha and transparent colours are dropped, not blended; gamma and profiles are ignored; 16 bits
// of colour keep their high byte, 16 bits of grey alone are cut off at 255.

#include "runtime/image/Decoder.h"

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <png.h>

namespace archrt::image {
namespace {

/// What libpng's callbacks know; errors jump, so nothing with a destructor may live between setjmp and the jump.
struct PngState {
  ByteView rest;
  char message[256] = "";
};

extern "C" {
static void pngError(png_structp png, png_const_charp message) {
  auto *state = static_cast<PngState *>(png_get_error_ptr(png));
  std::snprintf(state->message, sizeof(state->message), "%s", message);
  longjmp(png_jmpbuf(png), 1);
}
static void pngWarning(png_structp, png_const_charp) {}
static void pngRead(png_structp png, png_bytep data, size_t size) {
  auto *state = static_cast<PngState *>(png_get_io_ptr(png));
  if (size > state->rest.size)
    png_error(png, "the file is truncated");
  std::memcpy(data, state->rest.data, size);
  state->rest.data += size;
  state->rest.size -= size;
}
}

class PngReader {
public:
  explicit PngReader(ByteView bytes) {
    state.rest = bytes;
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &state, pngError, pngWarning);
    if (png)
      info = png_create_info_struct(png);
  }
  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }
  PngReader(const PngReader &) = delete;
  PngReader &operator=(const PngReader &) = delete;

  bool readHeader() {
    if (!png || !info || setjmp(png_jmpbuf(png)))
      return false;
    png_set_read_fn(png, &state, pngRead);
    png_set_user_limits(png, 0x7FFFFFFF, 0x7FFFFFFF);
    png_read_info(png, info);
    return true;
  }

  /// Must be called before the pixels are read; afterwards channels() and wideGrey() are those of the pixels.
  bool convert() {
    if (setjmp(png_jmpbuf(png)))
      return false;
    bool grey = colorType() == PNG_COLOR_TYPE_GRAY;
    if (colorType() == PNG_COLOR_TYPE_PALETTE)
      png_set_palette_to_rgb(png);
    if (grey && png_get_bit_depth(png, info) < 8)
      png_set_expand_gray_1_2_4_to_8(png);
    if (png_get_bit_depth(png, info) == 16 && !grey)
      png_set_strip_16(png);
    png_set_strip_alpha(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    return true;
  }

  bool readRows(png_bytep *rows) {
    if (setjmp(png_jmpbuf(png)))
      return false;
    png_read_image(png, rows);
    png_read_end(png, info);
    return true;
  }

  uint64_t width() const { return png_get_image_width(png, info); }
  uint64_t height() const { return png_get_image_height(png, info); }
  int channels() const { return png_get_channels(png, info); }
  bool wideGrey() const { return png_get_bit_depth(png, info) == 16; }
  size_t rowBytes() const { return png_get_rowbytes(png, info); }
  std::string message() const { return png ? state.message : "libpng has no memory"; }

  Orientation orientation() const {
    png_uint_32 size = 0;
    png_bytep exif = nullptr;
    return png_get_eXIf_1(png, info, &size, &exif) ? orientationOf({exif, size}) : 1;
  }

private:
  int colorType() const { return png_get_color_type(png, info); }

  PngState state;
  png_structp png = nullptr;
  png_infop info = nullptr;
};

Image cutOffAt255(const std::vector<uint8_t> &bigEndian, int64_t height, int64_t width) {
  Image image(height, width, 1);
  for (size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels[i] = bigEndian[2 * i] ? 255 : bigEndian[2 * i + 1];
  return image;
}

Status unreadable(const PngReader &reader) { return Status::invalid("not a readable PNG: " + reader.message()); }

} // namespace

bool isPng(ByteView bytes) { return bytes.size >= 8 && std::memcmp(bytes.data, "\x89PNG\r\n\x1A\n", 8) == 0; }

Result<Decoded> decodePng(ByteView bytes) {
  PngReader reader(bytes);
  if (!reader.readHeader())
    return unreadable(reader);
  if (Status status = checkSize(reader.width(), reader.height()); !status.ok())
    return status;
  if (!reader.convert())
    return unreadable(reader);
  auto height = static_cast<int64_t>(reader.height()), width = static_cast<int64_t>(reader.width());
  std::vector<uint8_t> pixels(reader.rowBytes() * height);
  std::vector<png_bytep> rows(height);
  for (int64_t y = 0; y < height; ++y)
    rows[y] = pixels.data() + y * reader.rowBytes();
  if (!reader.readRows(rows.data()))
    return unreadable(reader);
  Decoded decoded;
  decoded.orientation = reader.orientation();
  if (reader.wideGrey()) {
    decoded.image = cutOffAt255(pixels, height, width);
    return decoded;
  }
  decoded.image = Image(height, width, reader.channels());
  decoded.image.pixels = std::move(pixels);
  return decoded;
}

} // namespace archrt::image
