#include "runtime/data/augment/Colors.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace archrt::data {

// --- Tables --------------------------------------------------------------------------

using Table = std::array<uint8_t, 256>;
using Histogram = std::array<int64_t, 256>;

template <typename F> static Table tableOf(F &&valueOf) {
  Table table;
  for (int i = 0; i < 256; ++i)
    table[static_cast<size_t>(i)] = static_cast<uint8_t>(std::clamp(static_cast<int>(valueOf(i)), 0, 255));
  return table;
}

/// `makeTable(channel)` says what becomes of each value of a channel.
template <typename F> static Image mapChannels(const Image &image, F &&makeTable) {
  Image mapped = image;
  for (int64_t c = 0; c < image.channels; ++c) {
    Table table = makeTable(c);
    for (size_t i = static_cast<size_t>(c); i < mapped.pixels.size(); i += static_cast<size_t>(image.channels))
      mapped.pixels[i] = table[mapped.pixels[i]];
  }
  return mapped;
}

static Histogram histogramOf(const Image &image, int64_t channel) {
  Histogram histogram{};
  for (size_t i = static_cast<size_t>(channel); i < image.pixels.size(); i += static_cast<size_t>(image.channels))
    ++histogram[image.pixels[i]];
  return histogram;
}

static Table identity() {
  return tableOf([](int i) { return i; });
}

static Table stretched(const Histogram &histogram) {
  int low = 0, high = 255;
  while (low < 255 && !histogram[static_cast<size_t>(low)])
    ++low;
  while (high > 0 && !histogram[static_cast<size_t>(high)])
    --high;
  if (high <= low)
    return identity();
  double scale = 255.0 / (high - low), offset = -low * scale;
  return tableOf([&](int i) { return static_cast<int>(i * scale + offset); });
}

Image autoContrast(const Image &image) {
  return mapChannels(image, [&](int64_t c) { return stretched(histogramOf(image, c)); });
}

static Table flattened(const Histogram &histogram) {
  int64_t sum = 0, last = 0;
  int used = 0;
  for (int64_t count : histogram)
    if (count)
      sum += count, last = count, ++used;
  int64_t step = (sum - last) / 255;
  if (used <= 1 || !step)
    return identity();
  Table table;
  int64_t before = step / 2;
  for (size_t i = 0; i < 256; ++i) {
    table[i] = static_cast<uint8_t>(std::min<int64_t>(before / step, 255));
    before += histogram[i];
  }
  return table;
}

Image equalize(const Image &image) {
  return mapChannels(image, [&](int64_t c) { return flattened(histogramOf(image, c)); });
}

/// The same for every channel.
template <typename F> static Image mapValues(const Image &image, F &&valueOf) {
  Table table = tableOf(valueOf);
  return mapChannels(image, [&](int64_t) { return table; });
}

Image invert(const Image &image) {
  return mapValues(image, [](int i) { return 255 - i; });
}

Image posterize(const Image &image, int bits) {
  int mask = ~((1 << (8 - bits)) - 1);
  return mapValues(image, [&](int i) { return i & mask; });
}

Image solarize(const Image &image, int threshold) {
  return mapValues(image, [&](int i) { return i < threshold ? i : 255 - i; });
}

Image solarizeAdd(const Image &image, int amount) {
  return mapValues(image, [&](int i) { return i < 128 ? i + amount : i; });
}

// --- Blending ------------------------------------------------------------------------

/// Pillow's blend: cut towards 0, in float.
static uint8_t blended(uint8_t from, uint8_t to, float factor) {
  float value = static_cast<float>(from) + factor * static_cast<float>(to - from);
  return static_cast<uint8_t>(std::clamp(value, 0.0f, 255.0f));
}

/// From `degenerate` (factor 0) over `image` (factor 1) onwards.
static Image blend(const Image &degenerate, const Image &image, double factor) {
  if (factor == 1.0)
    return image;
  Image result = image;
  for (size_t i = 0; i < result.pixels.size(); ++i)
    result.pixels[i] = blended(degenerate.pixels[i], image.pixels[i], static_cast<float>(factor));
  return result;
}

static Image greyOf(const Image &image) { return withChannels(withChannels(image, 1), image.channels); }

Image adjustColor(const Image &image, double factor) { return blend(greyOf(image), image, factor); }

Image adjustContrast(const Image &image, double factor) {
  Image grey = greyOf(image);
  int64_t sum = 0;
  for (size_t i = 0; i < grey.pixels.size(); i += static_cast<size_t>(image.channels))
    sum += grey.pixels[i];
  double mean = static_cast<double>(sum) / static_cast<double>(image.height * image.width);
  std::fill(grey.pixels.begin(), grey.pixels.end(), static_cast<uint8_t>(mean + 0.5));
  return blend(grey, image, factor);
}

Image adjustBrightness(const Image &image, double factor) {
  return blend(Image(image.height, image.width, image.channels), image, factor);
}

/// Pillow's SMOOTH: the mean of 3 x 3 pixels in which the middle counts five times. The border stays.
static Image smoothed(const Image &image) {
  Image result = image;
  int64_t step = image.channels, rowSize = image.width * step;
  for (int64_t y = 1; y + 1 < image.height; ++y)
    for (int64_t i = step; i < rowSize - step; ++i) {
      const uint8_t *at = image.row(y) + i;
      int sum = 0;
      for (int64_t dy = -1; dy <= 1; ++dy)
        for (int64_t dx = -1; dx <= 1; ++dx)
          sum += at[dy * rowSize + dx * step];
      result.row(y)[i] = static_cast<uint8_t>((sum + 4 * at[0]) / 13.0f + 0.5f);
    }
  return result;
}

Image adjustSharpness(const Image &image, double factor) { return blend(smoothed(image), image, factor); }

// --- Hue -----------------------------------------------------------------------------

struct Hsv {
  uint8_t hue, saturation, value;
};

static Hsv toHsv(const uint8_t *rgb) {
  int r = rgb[0], g = rgb[1], b = rgb[2];
  int most = std::max({r, g, b}), least = std::min({r, g, b});
  if (most == least)
    return {0, 0, static_cast<uint8_t>(most)};
  auto range = static_cast<float>(most - least);
  float fromRed = static_cast<float>(most - r) / range, fromGreen = static_cast<float>(most - g) / range,
        fromBlue = static_cast<float>(most - b) / range;
  // Sums in double, kept in float: where a hue lies on the border of two bytes, it matters.
  double sextant = r == most ? fromBlue - fromGreen : g == most ? 2.0 + fromRed - fromBlue : 4.0 + fromGreen - fromRed;
  auto hue = static_cast<float>(std::fmod(static_cast<float>(sextant) / 6.0 + 1.0, 1.0));
  auto cut = [](double x) { return static_cast<uint8_t>(std::clamp(static_cast<int>(x * 255.0), 0, 255)); };
  return {cut(hue), cut(range / static_cast<float>(most)), static_cast<uint8_t>(most)};
}

static void toRgb(const Hsv &hsv, uint8_t *rgb) {
  if (!hsv.saturation) {
    rgb[0] = rgb[1] = rgb[2] = hsv.value;
    return;
  }
  double sector = hsv.hue * 6.0 / 255.0, saturation = hsv.saturation / 255.0, value = hsv.value;
  int whole = static_cast<int>(sector);
  double rest = sector - whole;
  auto rounded = [](double x) { return static_cast<uint8_t>(std::clamp(static_cast<int>(std::round(x)), 0, 255)); };
  uint8_t p = rounded(value * (1 - saturation)), q = rounded(value * (1 - saturation * rest)),
          t = rounded(value * (1 - saturation * (1 - rest))), v = hsv.value;
  const uint8_t sectors[6][3] = {{v, t, p}, {q, v, p}, {p, v, t}, {p, q, v}, {t, p, v}, {v, p, q}};
  std::copy_n(sectors[whole % 6], 3, rgb);
}

Image adjustHue(const Image &image, double shift) {
  if (image.channels != 3)
    return image;
  Image turned = image;
  // Hue is a byte that wraps.
  auto turn = static_cast<uint8_t>(static_cast<int>(shift * 255));
  for (size_t i = 0; i < turned.pixels.size(); i += 3) {
    Hsv hsv = toHsv(&image.pixels[i]);
    hsv.hue = static_cast<uint8_t>(hsv.hue + turn);
    toRgb(hsv, &turned.pixels[i]);
  }
  return turned;
}

} // namespace archrt::data
