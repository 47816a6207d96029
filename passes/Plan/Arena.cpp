#include "passes/Plan/Arena.h"

#include <algorithm>
#include <numeric>

namespace archc {

static int64_t rounded(int64_t size) { return (size + 63) / 64 * 64; }

static bool overlapInTime(const Lifetime &a, const Lifetime &b) { return a.first <= b.last && b.first <= a.last; }

/// The lowest offset at which `size` bytes fit between the occupied ranges, which are sorted by offset.
static int64_t lowestGap(const std::vector<const Lifetime *> &occupied, int64_t size) {
  int64_t offset = 0;
  for (const Lifetime *other : occupied) {
    if (offset + size <= other->offset)
      break;
    offset = std::max(offset, other->offset + rounded(other->size));
  }
  return offset;
}

int64_t assignOffsets(std::vector<Lifetime> &buffers) {
  std::vector<size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), size_t(0));
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return buffers[a].size > buffers[b].size; });

  std::vector<size_t> placed;
  int64_t total = 0;
  for (size_t index : order) {
    Lifetime &buffer = buffers[index];
    std::vector<const Lifetime *> occupied;
    for (size_t other : placed)
      if (overlapInTime(buffers[other], buffer))
        occupied.push_back(&buffers[other]);
    std::sort(occupied.begin(), occupied.end(), [](auto *a, auto *b) { return a->offset < b->offset; });
    buffer.offset = lowestGap(occupied, rounded(buffer.size));
    total = std::max(total, buffer.offset + rounded(buffer.size));
    placed.push_back(index);
  }
  return total;
}

int64_t lowerBound(const std::vector<Lifetime> &buffers) {
  int64_t bound = 0;
  for (const Lifetime &at : buffers) {
    int64_t alive = 0;
    for (const Lifetime &buffer : buffers)
      if (buffer.first <= at.first && at.first <= buffer.last)
        alive += rounded(buffer.size);
    bound = std::max(bound, alive);
  }
  return bound;
}

} // namespace archc
