//===- CpuTarget.cpp - The table of CPU targets ---------------------------===//

#include "passes/LowerCpu/CpuTarget.h"

#include <algorithm>

namespace archc::cpu {

std::optional<CpuTarget> findCpuTarget(const std::string &name) {
  // The tile fills the registers: MR * 2 accumulators, 2 vectors of the panel and a broadcast.
  static const CpuTarget table[] = {
      {"x86-64-v3", "x86-64-v3", 8, {6, 5, 4, 3, 2, 1}, 512 * 1024},
      {"x86-64-v4", "x86-64-v4", 16, {14, 13, 12, 11, 10, 9, 8, 7, 4, 2, 1}, 1024 * 1024},
      {"x86-64-v4-on-v3", "x86-64-v3", 16, {14, 13, 12, 11, 10, 9, 8, 7, 4, 2, 1}, 512 * 1024},
  };
  for (const CpuTarget &target : table)
    if (target.name == name)
      return target;
  return std::nullopt;
}

int64_t chooseRowBlock(const CpuTarget &target, int64_t totalWidth, int64_t weightBytes, int64_t rows) {
  int64_t tile = target.tileRows;
  auto roundUp = [&](int64_t n) { return (n + tile - 1) / tile * tile; };
  int64_t block = target.secondLevelBytes / 2 / (4 * std::max<int64_t>(totalWidth, 1)) / tile * tile;
  // Every block streams all weights once: fewer, larger blocks where they do not stay in L2.
  if (weightBytes > target.secondLevelBytes)
    block = std::max(block, roundUp(54));
  return std::max(tile, std::min(block, roundUp(rows)));
}

int64_t CpuTarget::rowsPerBlock(int64_t totalWidth, int64_t weightBytes) const {
  return chooseRowBlock(*this, totalWidth, weightBytes, int64_t(1) << 30);
}

} // namespace archc::cpu
