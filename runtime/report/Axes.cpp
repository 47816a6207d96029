#include "runtime/report/Axes.h"

#include <algorithm>
#include <cmath>

namespace archrt::report {

std::string shortNumber(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof(buffer), "%.3g", value == 0 ? 0.0 : value);
  return buffer;
}

std::vector<double> ticksFor(double low, double high, int count) {
  double rough = (high - low) / count;
  double power = std::pow(10, std::floor(std::log10(rough))), share = rough / power;
  double step = power * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10);
  std::vector<double> ticks;
  for (double tick = std::ceil(low / step - 1e-9) * step; tick <= high + 1e-9 * step; tick += step)
    ticks.push_back(std::fabs(tick) < 1e-9 * step ? 0.0 : tick);
  return ticks;
}

static void widen(double value, double &low, double &high, bool &any) {
  low = any ? std::min(low, value) : value;
  high = any ? std::max(high, value) : value;
  any = true;
}

/// A range of nothing would divide by it.
static void spread(double &low, double &high) {
  if (high - low > 1e-12 * std::max({std::fabs(low), std::fabs(high), 1e-30}))
    return;
  double half = low == 0 ? 0.5 : std::fabs(low) * 0.1;
  low -= half, high += half;
}

static bool drawn(const Series &series, size_t i) {
  return i < series.y.size() && std::isfinite(series.x[i]) && std::isfinite(series.y[i]);
}

Axes::Axes(const Chart &chart, size_t index) : offset(static_cast<double>(index) * kHeight) {
  bool anyX = false, anyY = false;
  for (const Series &series : chart.series)
    for (size_t i = 0; i < series.x.size(); ++i)
      if (drawn(series, i)) {
        widen(series.x[i], xLow, xHigh, anyX);
        widen(series.y[i], yLow, yHigh, anyY);
      }
  spread(xLow, xHigh);
  spread(yLow, yHigh);
  double margin = (yHigh - yLow) * 0.04;
  yLow -= margin, yHigh += margin;
  xTicks = ticksFor(xLow, xHigh, 8);
  yTicks = ticksFor(yLow, yHigh, 5);
}

std::vector<Point> pointsOf(const Series &series, const Axes &axes) {
  std::vector<Point> points;
  for (size_t i = 0; i < series.x.size(); ++i)
    if (drawn(series, i))
      points.push_back({axes.x(series.x[i]), axes.y(series.y[i])});
  return points;
}

Color colorOf(size_t index) {
  static const Color colors[] = {{0, 114, 178}, {213, 94, 0}, {0, 158, 115}, {204, 121, 167}, {230, 159, 0}, {86, 180, 233}};
  return colors[index % (sizeof(colors) / sizeof(colors[0]))];
}

} // namespace archrt::report
