#include "runtime/report/Picture.h"
#include "runtime/report/Font.h"

#include <algorithm>
#include <cmath>
#include <png.h>

namespace archrt::report {

Picture::Picture(int64_t width, int64_t height) : pixels(height, width, 3) {
  std::fill(pixels.pixels.begin(), pixels.pixels.end(), uint8_t(255));
}

void Picture::blend(int64_t x, int64_t y, Color color, double share) {
  if (x < 0 || y < 0 || x >= pixels.width || y >= pixels.height || share <= 0)
    return;
  uint8_t *pixel = pixels.row(y) + 3 * x;
  const uint8_t parts[] = {color.red, color.green, color.blue};
  for (int c = 0; c < 3; ++c)
    pixel[c] = static_cast<uint8_t>(std::lround(pixel[c] + (parts[c] - pixel[c]) * std::min(share, 1.0)));
}

void Picture::fill(int64_t x, int64_t y, int64_t width, int64_t height, Color color) {
  for (int64_t row = std::max<int64_t>(y, 0); row < std::min(y + height, pixels.height); ++row)
    for (int64_t column = std::max<int64_t>(x, 0); column < std::min(x + width, pixels.width); ++column)
      blend(column, row, color, 1);
}

void Picture::line(Point from, Point to, Color color) {
  double dx = to.x - from.x, dy = to.y - from.y, squared = dx * dx + dy * dy;
  constexpr double half = 1, reach = half + 1;
  for (auto y = static_cast<int64_t>(std::min(from.y, to.y) - reach); y <= static_cast<int64_t>(std::max(from.y, to.y) + reach);
       ++y)
    for (auto x = static_cast<int64_t>(std::min(from.x, to.x) - reach); x <= static_cast<int64_t>(std::max(from.x, to.x) + reach);
         ++x) {
      double px = static_cast<double>(x) - from.x, py = static_cast<double>(y) - from.y;
      double along = squared > 0 ? std::clamp((px * dx + py * dy) / squared, 0.0, 1.0) : 0;
      double distance = std::hypot(px - along * dx, py - along * dy);
      blend(x, y, color, half + 0.5 - distance);
    }
}

int64_t Picture::widthOf(const std::string &words) { return static_cast<int64_t>(drawable(words).size()) * kLetterStep; }

void Picture::text(int64_t x, int64_t y, const std::string &words, const TextStyle &style) {
  int64_t start = 0;
  for (char letter : drawable(words)) {
    const uint8_t *rows = letterRows(letter);
    for (int64_t row = 0; row < kLetterHeight; ++row)
      for (int64_t column = 0; column < kLetterWidth; ++column) {
        if (!(rows[row] >> (kLetterWidth - 1 - column) & 1))
          continue;
        int64_t along = (start + column) * style.scale, down = row * style.scale;
        if (style.upright)
          fill(x + along, y + down, style.scale, style.scale, style.color);
        else
          fill(x + down, y - along - style.scale, style.scale, style.scale, style.color);
      }
    start += kLetterStep;
  }
}

Result<std::string> Picture::png() const {
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  header.width = static_cast<png_uint_32>(pixels.width);
  header.height = static_cast<png_uint_32>(pixels.height);
  header.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(header);
  std::string bytes(size, '\0');
  if (!png_image_write_to_memory(&header, bytes.data(), &size, /*convert_to_8_bit=*/0, pixels.pixels.data(), 0, nullptr))
    return environmentError("cannot encode a PNG: ", header.message);
  bytes.resize(size);
  return bytes;
}

} // namespace archrt::report
