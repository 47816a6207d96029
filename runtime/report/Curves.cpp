#include "runtime/report/Curves.h"
#include "runtime/report/Axes.h"

#include <cmath>

namespace archrt::report {

constexpr Color kInk{40, 40, 40}, kGrid{225, 225, 225};

// --- SVG -----------------------------------------------------------------------------

static std::string escaped(const std::string &text) {
  std::string result;
  for (char c : text)
    result += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : std::string(1, c);
  return result;
}

static std::string tenth(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof(buffer), "%.1f", value);
  return buffer;
}

static std::string hex(Color color) {
  char buffer[8];
  std::snprintf(buffer, sizeof(buffer), "#%02x%02x%02x", color.red, color.green, color.blue);
  return buffer;
}

static std::string svgLine(Point from, Point to, Color color) {
  return "<line x1=\"" + tenth(from.x) + "\" y1=\"" + tenth(from.y) + "\" x2=\"" + tenth(to.x) + "\" y2=\"" + tenth(to.y) +
         "\" stroke=\"" + hex(color) + "\"/>\n";
}

static std::string svgText(Point at, const char *anchor, const std::string &words, Color color = kInk) {
  return "<text x=\"" + tenth(at.x) + "\" y=\"" + tenth(at.y) + "\" text-anchor=\"" + anchor + "\" fill=\"" + hex(color) + "\">" +
         escaped(words) + "</text>\n";
}

static std::string svgChart(const Chart &chart, const Axes &axes) {
  std::string text = svgText({axes.left(), axes.top() - 14}, "start", chart.title);
  for (double tick : axes.yTicks) {
    text += svgLine({axes.left(), axes.y(tick)}, {axes.right(), axes.y(tick)}, kGrid);
    text += svgText({axes.left() - 6, axes.y(tick) + 4}, "end", shortNumber(tick));
  }
  for (double tick : axes.xTicks) {
    text += svgLine({axes.x(tick), axes.top()}, {axes.x(tick), axes.bottom()}, kGrid);
    text += svgText({axes.x(tick), axes.bottom() + 16}, "middle", shortNumber(tick));
  }
  text += svgText({axes.right(), axes.bottom() + 32}, "end", chart.xLabel);
  double legend = axes.right();
  for (size_t i = chart.series.size(); i-- > 0;) {
    text += svgText({legend, axes.top() - 14}, "end", chart.series[i].name, colorOf(i));
    legend -= 14 + 7.2 * static_cast<double>(chart.series[i].name.size());
  }
  for (size_t i = 0; i < chart.series.size(); ++i) {
    std::string points;
    for (const Point &point : pointsOf(chart.series[i], axes))
      points += (points.empty() ? "" : " ") + tenth(point.x) + "," + tenth(point.y);
    text += "<polyline fill=\"none\" stroke-width=\"1.8\" stroke=\"" + hex(colorOf(i)) + "\" points=\"" + points + "\"/>\n";
  }
  return text;
}

std::string svgOf(const std::vector<Chart> &charts) {
  std::string height = tenth(Axes::kHeight * static_cast<double>(charts.size())), width = tenth(Axes::kWidth);
  std::string text = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + width + "\" height=\"" + height +
                     "\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n";
  for (size_t i = 0; i < charts.size(); ++i)
    text += svgChart(charts[i], Axes(charts[i], i));
  return text + "</svg>\n";
}

// --- Pixels --------------------------------------------------------------------------

static int64_t pixel(double x) { return static_cast<int64_t>(std::lround(x)); }

/// `anchor`: 0 the text begins at x, 1 ends there, 0.5 is centred.
static void write(Picture &picture, Point at, double anchor, const std::string &words, Color color = kInk) {
  double width = static_cast<double>(Picture::widthOf(words));
  picture.text(pixel(at.x - anchor * width), pixel(at.y), words, {color, 1, true});
}

static void drawChart(Picture &picture, const Chart &chart, const Axes &axes) {
  write(picture, {axes.left(), axes.top() - 20}, 0, chart.title);
  for (double tick : axes.yTicks) {
    picture.fill(pixel(axes.left()), pixel(axes.y(tick)), pixel(axes.right() - axes.left()), 1, kGrid);
    write(picture, {axes.left() - 6, axes.y(tick) - 3}, 1, shortNumber(tick));
  }
  for (double tick : axes.xTicks) {
    picture.fill(pixel(axes.x(tick)), pixel(axes.top()), 1, pixel(axes.bottom() - axes.top()), kGrid);
    write(picture, {axes.x(tick), axes.bottom() + 8}, 0.5, shortNumber(tick));
  }
  write(picture, {axes.right(), axes.bottom() + 24}, 1, chart.xLabel);
  double legend = axes.right();
  for (size_t i = chart.series.size(); i-- > 0;) {
    write(picture, {legend, axes.top() - 20}, 1, chart.series[i].name, colorOf(i));
    legend -= 12 + static_cast<double>(Picture::widthOf(chart.series[i].name));
  }
  for (size_t i = 0; i < chart.series.size(); ++i) {
    std::vector<Point> points = pointsOf(chart.series[i], axes);
    for (size_t k = 0; k < points.size(); ++k)
      picture.line(points[k ? k - 1 : 0], points[k], colorOf(i));
  }
}

Picture pictureOf(const std::vector<Chart> &charts) {
  Picture picture(pixel(Axes::kWidth), pixel(Axes::kHeight * static_cast<double>(charts.size())));
  for (size_t i = 0; i < charts.size(); ++i)
    drawChart(picture, charts[i], Axes(charts[i], i));
  return picture;
}

} // namespace archrt::report
