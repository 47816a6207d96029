#include "runtime/data/EpochOrder.h"
#include "runtime/data/augment/Draws.h"

#include <numeric>

namespace archrt::data {

std::vector<int64_t> epochOrder(const OrderOptions &options, int64_t epoch) {
  std::vector<int64_t> images(static_cast<size_t>(options.images));
  std::iota(images.begin(), images.end(), 0);
  if (options.shuffle) {
    Draws draws(options.seed, "order/" + std::to_string(epoch));
    for (int64_t i = options.images - 1; i > 0; --i)
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
