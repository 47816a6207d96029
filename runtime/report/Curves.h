//===- Curves.h - How numbers went, as pictures and in the terminal -------===//

#ifndef ARCHRT_REPORT_CURVES_H
#define ARCHRT_REPORT_CURVES_H

#include "runtime/report/Picture.h"

#include <vector>

namespace archrt::report {

/// One line. Points that are not finite are left out.
struct Series {
  std::string name;
  std::vector<double> x, y;
};

/// One pair of axes.
struct Chart {
  std::string title, xLabel;
  std::vector<Series> series;
};

/// The charts below one another.
std::string svgOf(const std::vector<Chart> &charts);
Picture pictureOf(const std::vector<Chart> &charts);

struct TerminalSize {
  int64_t width = 64, height = 8; // letters of the plot itself
};

/// Blocks of eighths in as many columns as fit, one plot per series, the first and last value beside each.
std::string terminalCurves(const Chart &chart, const TerminalSize &size = {});

/// A short number: 0.01234 -> "0.0123", 12345 -> "1.23e+04".
std::string shortNumber(double value);

/// Round numbers that cover [low, high] in about `count` steps.
std::vector<double> ticksFor(double low, double high, int count);

} // namespace archrt::report

#endif // ARCHRT_REPORT_CURVES_H
