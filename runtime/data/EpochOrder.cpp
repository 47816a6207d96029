#include "runtime/data/EpochOrder.h"
#include "runtime/data/augment/Draws.h"

#include <algorithm>

namespace archrt::data {

int64_t placesOf(const OrderOptions &options) {
  return options.limit > 0 ? std::min(options.limit, options.images) : options.images;
}

std::vector<int64_t> epochOrder(const OrderOptions &options, int64_t epoch) {
  int64_t count = placesOf(options);
  std::vector<int64_t> images(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i)
    images[static_cast<size_t>(i)] = i * options.images / count;
  if (options.shuffle) {
    Draws draws(options.seed, "order/" + std::to_string(epoch));
    for (int64_t i = count - 1; i > 0; --i)
      std::swap(images[static_cast<size_t>(i)], images[static_cast<size_t>(draws.below(i + 1))]);
  }
  if (options.repeats <= 1)
    return images;
  std::vector<int64_t> order(images.size());
  for (size_t place = 0; place < order.size(); ++place)
    order[place] = images[place / static_cast<size_t>(options.repeats)];
  return order;
}

} // namespace archrt::data
