//===- Traffic.h - Which bytes of a plan come from where ------------------===//
//
// A model, not a measurement: steps run in order, over and over, and touch the bytes of their operands once; a cache holds what was
// touched last. What a kernel reads twice from its own block stays in the first level and costs nothing here.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_TOOLS_DRIVER_TRAFFIC_H
#define ARCHC_TOOLS_DRIVER_TRAFFIC_H

#include "tools/driver/MemoryLevels.h"

#include "runtime/graph/Artifact.h"

#include <list>
#include <unordered_map>
#include <vector>

namespace archc::driver {

/// Blocks of memory of which the last used ones are kept.
class LeastRecentlyUsed {
public:
  explicit LeastRecentlyUsed(int64_t blocks) : capacity(static_cast<size_t>(blocks)) {}
  /// Uses `block`; whether it was there.
  bool touch(uint64_t block);

private:
  size_t capacity;
  std::list<uint64_t> order; // last used first
  std::unordered_map<uint64_t, std::list<uint64_t>::iterator> held;
};

/// Bytes that a step reads and writes, by the farthest level that they have to come from: touched in all, beyond L2, beyond L3.
using StepTraffic = std::array<double, kMemoryLevels>;

/// One row per step of `steps`, which run again and again with `batch` images.
std::vector<StepTraffic> trafficOf(const archrt::abi::TargetPlan &plan, const std::vector<const archrt::abi::Step *> &steps,
                                   int64_t batch, const CacheSizes &caches);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_TRAFFIC_H
