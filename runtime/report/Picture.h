//===- Picture.h - Rectangles, lines and words on pixels ------------------===//
//
// Enough to draw curves and tables without a library for drawing.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_REPORT_PICTURE_H
#define ARCHRT_REPORT_PICTURE_H

#include "runtime/core/Status.h"
#include "runtime/image/Image.h"

#include <string>

namespace archrt::report {

struct Color {
  uint8_t red = 0, green = 0, blue = 0;
};

struct Point {
  double x = 0, y = 0;
};

class Picture {
public:
  Picture(int64_t width, int64_t height);

  /// Parts outside the picture are left out, here and below.
  void fill(int64_t x, int64_t y, int64_t width, int64_t height, Color color);
  /// Two pixels wide, with smooth edges.
  void line(Point from, Point to, Color color);
  struct TextStyle {
    Color color;
    int64_t scale = 1;
    bool upright = true; // otherwise turned by a quarter, reading upwards
  };
  /// (x, y) is the corner where reading begins, at the top of the letters. Other letters than ASCII's are shown as `?`.
  void text(int64_t x, int64_t y, const std::string &words, const TextStyle &style);
  /// In pixels at scale 1; a line of text is 7 high.
  static int64_t widthOf(const std::string &words);

  const Image &image() const { return pixels; }
  /// The bytes of a PNG file.
  Result<std::string> png() const;

private:
  void blend(int64_t x, int64_t y, Color color, double share);

  Image pixels;
};

} // namespace archrt::report

#endif // ARCHRT_REPORT_PICTURE_H
