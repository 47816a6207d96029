//===- Axes.h - Where a chart's numbers are drawn -------------------------===//

#ifndef ARCHRT_REPORT_AXES_H
#define ARCHRT_REPORT_AXES_H

#include "runtime/report/Curves.h"

namespace archrt::report {

/// The plot of one chart inside a picture of all, in pixels.
struct Axes {
  static constexpr double kWidth = 720, kHeight = 260, kLeft = 64, kRight = 16, kTop = 34, kBottom = 40;

  Axes(const Chart &chart, size_t index);

  double x(double value) const { return left() + (value - xLow) / (xHigh - xLow) * (right() - left()); }
  double y(double value) const { return bottom() - (value - yLow) / (yHigh - yLow) * (bottom() - top()); }
  double left() const { return kLeft; }
  double right() const { return kWidth - kRight; }
  double top() const { return offset + kTop; }
  double bottom() const { return offset + kHeight - kBottom; }

  double offset;
  double xLow = 0, xHigh = 1, yLow = 0, yHigh = 1;
  std::vector<double> xTicks, yTicks;
};

/// The points of a series that can be drawn.
std::vector<Point> pointsOf(const Series &series, const Axes &axes);

/// The color of line `index`: apart for eyes that do not tell red from green.
Color colorOf(size_t index);

} // namespace archrt::report

#endif // ARCHRT_REPORT_AXES_H
