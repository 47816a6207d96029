//===- CurvesTest.cpp - Curves and tables for people ----------------------===//

#include "runtime/report/Curves.h"
#include "runtime/report/Confusion.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace archrt;
using namespace archrt::report;

namespace {

Chart falling() {
  Chart chart{"loss", "epoch", {{"train", {}, {}}, {"test <EMA>", {}, {}}}};
  for (int i = 0; i < 40; ++i)
    for (size_t s = 0; s < 2; ++s) {
      chart.series[s].x.push_back(i);
      chart.series[s].y.push_back(2.0 / (1 + i) + 0.1 * double(s));
    }
  chart.series[0].y[5] = std::numeric_limits<double>::quiet_NaN();
  return chart;
}

TEST(Curves, TicksAreRoundAndCover) {
  EXPECT_EQ(ticksFor(0, 100, 5), (std::vector<double>{0, 20, 40, 60, 80, 100}));
  std::vector<double> ticks = ticksFor(0.123, 0.161, 4);
  ASSERT_EQ(ticks.size(), 4u);
  EXPECT_NEAR(ticks.front(), 0.13, 1e-9);
  EXPECT_NEAR(ticks.back(), 0.16, 1e-9);
  EXPECT_EQ(shortNumber(0.012341), "0.0123");
}

TEST(Curves, SvgHasALinePerSeriesAndEscapesNames) {
  std::string svg = svgOf({falling(), falling()});
  size_t lines = 0;
  for (size_t at = svg.find("<polyline"); at != std::string::npos; at = svg.find("<polyline", at + 1))
    ++lines;
  EXPECT_EQ(lines, 4u);
  EXPECT_NE(svg.find("test &lt;EMA&gt;"), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.substr(svg.size() - 7), "</svg>\n");
}

TEST(Curves, ThePictureIsAPngWithColors) {
  Picture picture = pictureOf({falling()});
  EXPECT_EQ(picture.image().width, 720);
  auto png = picture.png();
  ASSERT_TRUE(png.ok());
  auto decoded = decodeImage(ByteView(*png));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->pixels, picture.image().pixels);
  int blue = 0, orange = 0;
  for (size_t i = 0; i < decoded->pixels.size(); i += 3) {
    blue += decoded->pixels[i] == 0 && decoded->pixels[i + 2] == 178;
    orange += decoded->pixels[i] == 213 && decoded->pixels[i + 2] == 0;
  }
  EXPECT_GT(blue, 300);
  EXPECT_GT(orange, 300);
}

TEST(Curves, OddNumbersDoNotBreakAnything) {
  double none = std::numeric_limits<double>::infinity();
  for (const Series &series : {Series{"empty", {}, {}}, Series{"one", {3}, {0}}, Series{"flat", {0, 1}, {5, 5}},
                               Series{"infinite", {0, 1}, {none, -none}}, Series{"short", {0, 1, 2}, {1}}}) {
    Chart chart{"odd", "x", {series}};
    EXPECT_EQ(svgOf({chart}).find("nan"), std::string::npos) << series.name;
    EXPECT_TRUE(pictureOf({chart}).png().ok());
    terminalCurves(chart);
  }
}

TEST(Curves, TheTerminalShowsBlocks) {
  Chart chart{"loss", "step", {{"train", {0, 1, 2, 3}, {4, 2, 1, 0}}}};
  EXPECT_EQ(terminalCurves(chart, {10, 2}), "loss: train (4 → 0)\n"
                                            "        4 │██▁▁    \n"
                                            "        0 │████▅▅▁▁\n");
  // More values than columns are averaged.
  Series many{"", {}, {}};
  for (int i = 0; i < 1000; ++i)
    many.x.push_back(i), many.y.push_back(i);
  std::string text = terminalCurves({"all", "", {many}}, {20, 4});
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 5);
}

// --- Confusion -----------------------------------------------------------------------

TEST(Confusion, CountsAndFigures) {
  Confusion confusion(3, {"cat", "dog", "bird"});
  const float logits[] = {3, 1, 1, 0, 1, 0, 0, 2, 0, 5, 5, 1};
  const int32_t labels[] = {0, 0, 1, 1};
  confusion.add(logits, labels, 4);
  EXPECT_EQ(confusion.at(0, 0), 1);
  EXPECT_EQ(confusion.at(0, 1), 1);
  EXPECT_EQ(confusion.at(1, 1), 1);
  EXPECT_EQ(confusion.at(1, 0), 1); // of equal logits the first
  Confusion::ClassFigures cat = confusion.figuresOf(0), bird = confusion.figuresOf(2);
  EXPECT_EQ(cat.images, 2);
  EXPECT_EQ(cat.recall, 0.5);
  EXPECT_EQ(cat.precision, 0.5);
  EXPECT_EQ(cat.takenFor, 1);
  EXPECT_EQ(bird.f1, 0);
  EXPECT_EQ(bird.takenFor, -1);
  std::string table = confusion.table();
  EXPECT_NE(table.find("cat          2    50.00 %    50.00 %  0.500  dog (1)"), std::string::npos) << table;
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 4);
}

TEST(Confusion, ThePictureIsDarkOnTheDiagonal) {
  for (int64_t classes : {2, 10, 100, 1000}) {
    Confusion confusion(classes, {});
    for (int32_t i = 0; i < classes; ++i) {
      confusion.add(i, i, 90);
      confusion.add(i, int32_t((i + 1) % classes), 10);
    }
    Picture picture = confusion.picture();
    const Image &image = picture.image();
    EXPECT_LT(image.width, 2200);
    // The last cell of the diagonal ends 10 pixels from the corner.
    const uint8_t *diagonal = image.row(image.height - 11) + 3 * (image.width - 11);
    const uint8_t *corner = image.row(image.height - 11) + 3 * (image.width - 10);
    EXPECT_LT(diagonal[0], 40);
    EXPECT_EQ(corner[0], 255);
    EXPECT_TRUE(picture.png().ok());
  }
}

} // namespace
