// JPEG through libjpeg. What Pillow does: grey stays grey, YCbCr becomes RGB, CMYK and YCCK are taken for inverted CMYK (as Adobe
// writes it) and become RGB without a colour profile.

#include "runtime/image/Decoder.h"

#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <jpeglib.h>

namespace archrt::image {
namespace {

/// libjpeg reports errors by a call that must not return; nothing with a destructor may live between setjmp and the jump.
struct ErrorManager {
  jpeg_error_mgr base;
  jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
};

extern "C" {
static void jpegError(j_common_ptr info) {
  auto *manager = reinterpret_cast<ErrorManager *>(info->err);
  manager->base.format_message(info, manager->message);
  longjmp(manager->jump, 1);
}
static void jpegMessage(j_common_ptr) {}
static void jpegStartSource(j_decompress_ptr) {}
static boolean jpegNoMoreBytes(j_decompress_ptr info) {
  auto *manager = reinterpret_cast<ErrorManager *>(info->err);
  std::snprintf(manager->message, sizeof(manager->message), "the file is truncated");
  longjmp(manager->jump, 1);
}
static void jpegSkip(j_decompress_ptr info, long count) {
  if (count <= 0)
    return;
  if (static_cast<size_t>(count) > info->src->bytes_in_buffer)
    jpegNoMoreBytes(info);
  info->src->next_input_byte += count;
  info->src->bytes_in_buffer -= count;
}
static void jpegEndSource(j_decompress_ptr) {}
}

class JpegReader {
public:
  explicit JpegReader(ByteView bytes) {
    info.err = jpeg_std_error(&errors.base);
    errors.base.error_exit = jpegError;
    errors.base.output_message = jpegMessage;
    jpeg_create_decompress(&info);
    source.next_input_byte = bytes.data;
    source.bytes_in_buffer = bytes.size;
    source.init_source = jpegStartSource;
    source.fill_input_buffer = jpegNoMoreBytes;
    source.skip_input_data = jpegSkip;
    source.resync_to_restart = jpeg_resync_to_restart;
    source.term_source = jpegEndSource;
    info.src = &source;
  }
  ~JpegReader() { jpeg_destroy_decompress(&info); }
  JpegReader(const JpegReader &) = delete;
  JpegReader &operator=(const JpegReader &) = delete;

  bool readHeader() {
    if (setjmp(errors.jump))
      return false;
    jpeg_save_markers(&info, JPEG_APP0 + 1, 0xFFFF);
    jpeg_read_header(&info, TRUE);
    if (info.num_components == 4)
      info.out_color_space = JCS_CMYK;
    else
      info.out_color_space = info.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_calc_output_dimensions(&info);
    return true;
  }

  /// `pixels` has room for height x width x channels() values.
  bool readPixels(uint8_t *pixels) {
    if (setjmp(errors.jump))
      return false;
    jpeg_start_decompress(&info);
    size_t rowBytes = size_t(info.output_width) * info.output_components;
    while (info.output_scanline < info.output_height) {
      JSAMPROW row = pixels + info.output_scanline * rowBytes;
      jpeg_read_scanlines(&info, &row, 1);
    }
    return true;
  }

  int64_t width() const { return info.output_width; }
  int64_t height() const { return info.output_height; }
  int64_t channels() const { return info.out_color_components; }
  std::string message() const { return errors.message; }

  Orientation orientation() const {
    static const uint8_t kExif[] = {'E', 'x', 'i', 'f', 0, 0};
    for (jpeg_saved_marker_ptr marker = info.marker_list; marker; marker = marker->next)
      if (marker->marker == JPEG_APP0 + 1 && marker->data_length > sizeof(kExif) &&
          std::memcmp(marker->data, kExif, sizeof(kExif)) == 0)
        return orientationOf({marker->data + sizeof(kExif), marker->data_length - sizeof(kExif)});
    return 1;
  }

private:
  jpeg_decompress_struct info{};
  jpeg_source_mgr source{};
  ErrorManager errors{};
};

/// a * b / 255, rounded.
int multiply255(int a, int b) {
  int product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}

Image rgbOfInvertedCmyk(const Image &cmyk) {
  Image rgb(cmyk.height, cmyk.width, 3);
  for (int64_t i = 0; i < cmyk.height * cmyk.width; ++i) {
    int light = cmyk.pixels[4 * i + 3]; // 255 - black
    for (int c = 0; c < 3; ++c)
      rgb.pixels[3 * i + c] = static_cast<uint8_t>(light - multiply255(255 - cmyk.pixels[4 * i + c], light));
  }
  return rgb;
}

} // namespace

bool isJpeg(ByteView bytes) { return bytes.size >= 3 && std::memcmp(bytes.data, "\xFF\xD8\xFF", 3) == 0; }

Result<Decoded> decodeJpeg(ByteView bytes) {
  JpegReader reader(bytes);
  if (!reader.readHeader())
    return Status::invalid("not a readable JPEG: " + reader.message());
  if (Status status = checkSize(reader.width(), reader.height()); !status.ok())
    return status;
  Decoded decoded;
  decoded.image = Image(reader.height(), reader.width(), reader.channels());
  if (!reader.readPixels(decoded.image.pixels.data()))
    return Status::invalid("not a readable JPEG: " + reader.message());
  if (decoded.image.channels == 4)
    decoded.image = rgbOfInvertedCmyk(decoded.image);
  decoded.orientation = reader.orientation();
  return decoded;
}

} // namespace archrt::image
