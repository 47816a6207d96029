#include "runtime/data/augment/Mix.h"

#include <algorithm>
#include <cmath>

namespace archrt::data {

Mixing cutAt(double share, int64_t y, int64_t x, const Extents &extents) {
  double side = std::sqrt(1 - share);
  auto height = static_cast<int64_t>(static_cast<double>(extents.height) * side),
       width = static_cast<int64_t>(static_cast<double>(extents.width) * side);
  int64_t top = std::max<int64_t>(y - height / 2, 0), bottom = std::min(y + (height + 1) / 2, extents.height);
  int64_t left = std::max<int64_t>(x - width / 2, 0), right = std::min(x + (width + 1) / 2, extents.width);
  Mixing mixing;
  mixing.cut = {top, left, bottom - top, right - left};
  double area = static_cast<double>(mixing.cut.height * mixing.cut.width);
  mixing.share = static_cast<float>(1 - area / static_cast<double>(extents.height * extents.width));
  return mixing;
}

Mixing drawMixing(const MixOptions &options, const Extents &extents, Draws &draws) {
  bool any = options.mixup > 0 || options.cutmix > 0;
  if (!any || !draws.chance(options.probability))
    return {};
  bool both = options.mixup > 0 && options.cutmix > 0;
  bool cuts = both ? draws.chance(options.switchProbability) : options.cutmix > 0;
  double share = draws.beta(cuts ? options.cutmix : options.mixup);
  if (cuts) {
    int64_t y = draws.below(extents.height);
    return cutAt(share, y, draws.below(extents.width), extents);
  }
  Mixing mixing;
  mixing.share = static_cast<float>(share);
  return mixing;
}

static void blendWithReversed(float share, float *images, int64_t count, int64_t elements) {
  for (int64_t i = 0; i < (count + 1) / 2; ++i) {
    float *a = images + i * elements, *b = images + (count - 1 - i) * elements;
    for (int64_t k = 0; k < elements; ++k) {
      float first = a[k], second = b[k];
      a[k] = first * share + second * (1 - share);
      b[k] = second * share + first * (1 - share);
    }
  }
}

static void exchangeWithReversed(const Box &cut, float *images, int64_t count, const Extents &extents) {
  for (int64_t i = 0; i < count / 2; ++i) {
    float *a = images + i * extents.elements(), *b = images + (count - 1 - i) * extents.elements();
    for (int64_t y = cut.top; y < cut.top + cut.height; ++y) {
      int64_t first = (y * extents.width + cut.left) * extents.channels;
      std::swap_ranges(a + first, a + first + cut.width * extents.channels, b + first);
    }
  }
}

void mixImages(const Mixing &mixing, float *images, int64_t count, const Extents &extents) {
  if (mixing.cut.height > 0 && mixing.cut.width > 0)
    exchangeWithReversed(mixing.cut, images, count, extents);
  else if (mixing.share != 1)
    blendWithReversed(mixing.share, images, count, extents.elements());
}

void makeTargets(const Mixing &mixing, const std::vector<int32_t> &labels, const TargetOptions &options, float *targets) {
  auto classes = static_cast<size_t>(options.classes), count = labels.size();
  double spread = options.smoothing / static_cast<double>(options.classes);
  auto off = static_cast<float>(spread), on = static_cast<float>(1 - options.smoothing + spread);
  std::fill_n(targets, count * classes, off);
  for (size_t i = 0; i < count; ++i) {
    float *row = targets + i * classes;
    int32_t own = labels[i], other = labels[count - 1 - i];
    // What either one gives to a class is `on` or `off`, weighted with its share.
    auto at = [&](int32_t label, int32_t which) { return label == which ? on : off; };
    for (int32_t which : {own, other})
      row[which] = at(own, which) * mixing.share + at(other, which) * (1 - mixing.share);
  }
}

} // namespace archrt::data
