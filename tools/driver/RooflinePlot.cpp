#include "tools/driver/RooflinePlot.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>

namespace archc::driver {
namespace {

constexpr double kLeft = 70, kTop = 50, kWidth = 620, kHeight = 440, kListLeft = 715, kPictureWidth = 1180, kPictureHeight = 545;
constexpr const char *kColours[] = {"#1f6fb4", "#d1592b", "#2f8f4e", "#8a4fa3", "#9a7b1c", "#566"};
constexpr size_t kListed = 24, kListedCharacters = 62;

std::string escaped(const std::string &text) {
  std::string out;
  for (char c : text)
    out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : std::string(1, c);
  return out;
}

__attribute__((format(printf, 1, 2))) std::string formatted(const char *format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  return text;
}

/// A range of positive numbers and the pixels that it covers.
struct LogAxis {
  double low, high, from, to;
  double at(double value) const { return from + (to - from) * std::log(value / low) / std::log(high / low); }
  /// 1, 2 and 5 times the powers of ten, or the powers alone where there are many.
  std::vector<double> ticks() const {
    std::vector<double> values;
    bool wide = high / low > 2000;
    for (double decade = std::pow(10, std::floor(std::log10(low))); decade <= high; decade *= 10)
      for (double factor : {1, 2, 5})
        if (factor * decade >= low * 0.999 && factor * decade <= high * 1.001 && (factor == 1 || !wide))
          values.push_back(factor * decade);
    return values;
  }
};

class Picture {
public:
  Picture(const Machine &machine, const std::vector<PlotSeries> &series) : machine(machine), series(series) { chooseRanges(); }
  std::string draw(const std::string &title);

private:
  void chooseRanges();
  void drawGrid();
  void drawRoofs();
  void drawDots(size_t index);
  void drawList();
  void text(double x, double y, const std::string &content, const char *more = "") {
    svg += formatted("<text x=\"%.1f\" y=\"%.1f\" %s>", x, y, more) + escaped(content) + "</text>\n";
  }

  const Machine &machine;
  const std::vector<PlotSeries> &series;
  LogAxis x{}, y{};
  std::string svg;
};

bool drawable(const KernelRow &row) { return row.intensity() > 0 && row.seconds > 0; }

/// All dots, and the corner where the slowest roof meets the flat one.
void Picture::chooseRanges() {
  double slowest = machine.memory.bytesPerSecond[Memory] * 1e-9;
  double corner = slowest > 0 ? machine.peakGflops / slowest : 10;
  double left = corner / 16, right = corner * 4, bottom = machine.peakGflops / 16, top = machine.peakGflops;
  for (const PlotSeries &each : series)
    for (const KernelRow &row : each.rows)
      if (drawable(row)) {
        left = std::min(left, row.intensity());
        right = std::max(right, row.intensity());
        bottom = std::min(bottom, row.gflops());
        top = std::max(top, row.gflops());
      }
  x = {left / 1.3, right * 1.3, kLeft, kLeft + kWidth};
  y = {bottom / 1.3, top * 1.3, kTop + kHeight, kTop};
}

void Picture::drawGrid() {
  for (double tick : x.ticks()) {
    svg += formatted("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"grid\"/>\n", x.at(tick), kTop, x.at(tick),
                     kTop + kHeight);
    text(x.at(tick), kTop + kHeight + 16, formatted("%g", tick), "text-anchor=\"middle\"");
  }
  for (double tick : y.ticks()) {
    svg += formatted("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"grid\"/>\n", kLeft, y.at(tick),
                     kLeft + kWidth, y.at(tick));
    text(kLeft - 6, y.at(tick) + 4, formatted("%g", tick), "text-anchor=\"end\"");
  }
  svg +=
      formatted("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" class=\"frame\"/>\n", kLeft, kTop, kWidth, kHeight);
  text(kLeft + kWidth / 2, kTop + kHeight + 38, "FLOP per byte touched", "text-anchor=\"middle\"");
  text(-(kTop + kHeight / 2), 20, "GFLOP/s", "text-anchor=\"middle\" transform=\"rotate(-90)\"");
}

/// A slope ends where it meets the flat roof.
void Picture::drawRoofs() {
  double peak = machine.peakGflops;
  if (peak <= 0)
    return;
  for (int level = 0; level < kMemoryLevels; ++level) {
    double rate = machine.memory.bytesPerSecond[level] * 1e-9;
    if (rate <= 0)
      continue;
    double start = std::max(x.low, y.low / rate), end = std::min(x.high, peak / rate);
    if (start >= end)
      continue;
    svg += formatted("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"roof\"/>\n", x.at(start), y.at(start * rate),
                     x.at(end), y.at(end * rate));
    text(x.at(start) + 5, y.at(start * rate) - 6, formatted("%s %.0f GB/s", kMemoryLevelNames[level], rate), "class=\"name\"");
  }
  double fastest = machine.memory.bytesPerSecond[Level2] * 1e-9, corner = fastest > 0 ? std::max(x.low, peak / fastest) : x.low;
  svg += formatted("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"roof\"/>\n", x.at(corner), y.at(peak),
                   kLeft + kWidth, y.at(peak));
  text(kLeft + kWidth - 6, y.at(peak) - 6, formatted("FMA %.0f GFLOP/s", peak), "text-anchor=\"end\" class=\"name\"");
}

void Picture::drawDots(size_t index) {
  const char *colour = kColours[index % std::size(kColours)];
  const std::vector<KernelRow> &rows = series[index].rows;
  for (size_t i = 0; i < rows.size(); ++i) {
    const KernelRow &row = rows[i];
    if (!drawable(row))
      continue;
    double radius = 2.5 + 18 * std::sqrt(row.share);
    std::string about =
        formatted("%zu %s, %.1f %% of the time, %.1f GFLOP/s, %.1f %% of its bound (%s): ", i + 1, series[index].name.c_str(),
                  100 * row.share, row.gflops(), row.percentOfBound(), row.bound.c_str());
    svg += formatted("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"%s\"><title>", x.at(row.intensity()), y.at(row.gflops()),
                     radius, colour);
    svg += escaped(about + row.what) + "</title></circle>\n";
    text(x.at(row.intensity()), y.at(row.gflops()) + 3.5, std::to_string(i + 1), "class=\"number\" text-anchor=\"middle\"");
  }
}

/// Steps of all series by their share.
void Picture::drawList() {
  struct Item {
    size_t series, row;
  };
  std::vector<Item> items;
  for (size_t s = 0; s < series.size(); ++s)
    for (size_t i = 0; i < series[s].rows.size(); ++i)
      items.push_back({s, i});
  auto rowOf = [&](const Item &item) -> const KernelRow & { return series[item.series].rows[item.row]; };
  std::stable_sort(items.begin(), items.end(), [&](const Item &a, const Item &b) { return rowOf(a).share > rowOf(b).share; });
  items.resize(std::min(items.size(), kListed));
  double line = kTop + 4;
  for (size_t s = 0; s < series.size(); ++s, line += 16) {
    svg += formatted("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"%s\"/>\n", kListLeft + 5, line - 4,
                     kColours[s % std::size(kColours)]);
    text(kListLeft + 16, line, series[s].name + ": number, share of the time, % of the bound, what");
  }
  for (const Item &item : items) {
    const KernelRow &row = rowOf(item);
    std::string what = row.what.size() > kListedCharacters ? row.what.substr(0, kListedCharacters - 3) + "..." : row.what;
    text(kListLeft, line += 17, formatted("%zu  %.1f %%  %.0f %%  ", item.row + 1, 100 * row.share, row.percentOfBound()) + what,
         formatted("fill=\"%s\"", kColours[item.series % std::size(kColours)]).c_str());
  }
}

std::string Picture::draw(const std::string &title) {
  svg = formatted("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" "
                  "font-family=\"sans-serif\" font-size=\"11\">\n",
                  kPictureWidth, kPictureHeight, kPictureWidth, kPictureHeight);
  svg += "<style>.grid{stroke:#ddd}.frame{fill:none;stroke:#444}.roof{stroke:#222;stroke-width:1.6}.name{fill:#222}"
         "circle{fill-opacity:.55}.number{font-size:9px}</style>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  text(kLeft, 28, title, "font-size=\"15\"");
  drawGrid();
  drawRoofs();
  for (size_t index = 0; index < series.size(); ++index)
    drawDots(index);
  drawList();
  return svg + "</svg>\n";
}

} // namespace

std::string rooflineSvg(const std::string &title, const Machine &machine, const std::vector<PlotSeries> &series) {
  return Picture(machine, series).draw(title);
}

} // namespace archc::driver
