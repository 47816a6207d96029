//===- Terminal.cpp - Curves of letters -----------------------------------===//

#include "runtime/report/Curves.h"

#include <algorithm>
#include <cmath>

namespace archrt::report {

namespace {

/// What of a letter is filled, from the bottom.
const char *const kEighths[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

std::vector<double> finiteOf(const Series &series) {
  std::vector<double> values;
  std::copy_if(series.y.begin(), series.y.end(), std::back_inserter(values), [](double y) { return std::isfinite(y); });
  return values;
}

/// The mean of what falls into each column; few values are as many columns wide each as fit.
std::vector<double> columnsOf(const std::vector<double> &values, int64_t width) {
  auto count = static_cast<int64_t>(values.size());
  std::vector<double> columns;
  if (int64_t each = width / count; each > 1) {
    for (double value : values)
      columns.insert(columns.end(), static_cast<size_t>(each), value);
    return columns;
  }
  for (int64_t column = 0; column < std::min(width, count); ++column) {
    int64_t begin = column * count / std::min(width, count), end = (column + 1) * count / std::min(width, count);
    double sum = 0;
    for (int64_t i = begin; i < end; ++i)
      sum += values[static_cast<size_t>(i)];
    columns.push_back(sum / static_cast<double>(end - begin));
  }
  return columns;
}

std::string padded(const std::string &text, size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

std::string plot(const std::vector<double> &columns, int64_t height) {
  auto [low, high] = std::minmax_element(columns.begin(), columns.end());
  double range = *high - *low;
  std::string text;
  for (int64_t row = height - 1; row >= 0; --row) {
    text += padded(row == height - 1 ? shortNumber(*high) : row == 0 ? shortNumber(*low) : "", 9) + " │";
    for (double value : columns) {
      // The lowest value still shows as one eighth.
      double share = range > 0 ? (value - *low) / range : 1;
      int64_t eighths = 1 + static_cast<int64_t>(std::lround(share * static_cast<double>(8 * height - 1)));
      text += kEighths[std::clamp<int64_t>(eighths - 8 * row, 0, 8)];
    }
    text += '\n';
  }
  return text;
}

} // namespace

std::string terminalCurves(const Chart &chart, const TerminalSize &size) {
  std::string text;
  for (const Series &series : chart.series) {
    std::vector<double> values = finiteOf(series);
    if (values.empty())
      continue;
    text += chart.title + (series.name.empty() ? "" : ": " + series.name) + " (" + shortNumber(values.front()) + " → " +
            shortNumber(values.back()) + ")\n";
    text += plot(columnsOf(values, size.width), size.height);
  }
  return text;
}

} // namespace archrt::report
