#include "tools/driver/Traffic.h"

#include <algorithm>

using namespace archrt;

namespace archc::driver {

static constexpr int64_t kBlock = 16384;

bool LeastRecentlyUsed::touch(uint64_t block) {
  auto found = held.find(block);
  if (found != held.end()) {
    order.splice(order.begin(), order, found->second);
    return true;
  }
  order.push_front(block);
  held[block] = order.begin();
  if (order.size() > capacity) {
    held.erase(order.back());
    order.pop_back();
  }
  return false;
}

namespace {
/// The blocks of one operand.
struct Range {
  uint64_t first = 0;
  int64_t blocks = 0;
  double bytesPerBlock = 0;
};

class TrafficModel {
public:
  TrafficModel(const abi::TargetPlan &plan, int64_t batch, const CacheSizes &caches)
      : plan(plan), batch(batch), level2(std::max<int64_t>(1, caches.level2 / kBlock)),
        level3(std::max<int64_t>(1, caches.level3 / kBlock)) {}

  StepTraffic run(const abi::Step &step);

private:
  Range rangeOf(const abi::Buffer &buffer) const;

  const abi::TargetPlan &plan;
  int64_t batch;
  LeastRecentlyUsed level2, level3;
};
} // namespace

/// Storages lie far from each other; buffers of an arena that share bytes share blocks.
Range TrafficModel::rangeOf(const abi::Buffer &buffer) const {
  int64_t offset = evaluate(buffer.offset(), batch), size = evaluate(buffer.size(), batch);
  if (size <= 0)
    return {};
  int64_t first = offset / kBlock, last = (offset + size - 1) / kBlock;
  return {(static_cast<uint64_t>(buffer.storage()) << 48) + static_cast<uint64_t>(first), last - first + 1,
          static_cast<double>(size) / static_cast<double>(last - first + 1)};
}

/// All operands advance together, as they do when a kernel walks over its rows.
StepTraffic TrafficModel::run(const abi::Step &step) {
  std::vector<Range> ranges;
  int64_t longest = 0;
  for (size_t i = 0; i < sizeOf(step.operands()); ++i) {
    ranges.push_back(rangeOf(*plan.buffers()->Get(step.operands()->Get(i)->buffer())));
    longest = std::max(longest, ranges.back().blocks);
  }
  StepTraffic traffic = {};
  for (int64_t slice = 0; slice < longest; ++slice)
    for (const Range &range : ranges)
      for (int64_t block = slice * range.blocks / longest; block < (slice + 1) * range.blocks / longest; ++block) {
        traffic[Level2] += range.bytesPerBlock;
        bool near = level2.touch(range.first + block), far = level3.touch(range.first + block);
        traffic[Level3] += near ? 0 : range.bytesPerBlock;
        traffic[Memory] += near || far ? 0 : range.bytesPerBlock;
      }
  return traffic;
}

std::vector<StepTraffic> trafficOf(const abi::TargetPlan &plan, const std::vector<const abi::Step *> &steps, int64_t batch,
                                   const CacheSizes &caches) {
  TrafficModel model(plan, batch, caches);
  std::vector<StepTraffic> rows;
  for (int round = 0; round < 2; ++round) { // the first one fills the caches
    rows.clear();
    for (const abi::Step *step : steps)
      rows.push_back(model.run(*step));
  }
  return rows;
}

} // namespace archc::driver
