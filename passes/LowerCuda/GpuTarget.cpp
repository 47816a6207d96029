#include "passes/LowerCuda/GpuTarget.h"

#include "passes/LowerCuda/BuildGpuKernel.h"

namespace archc::cuda {

/// The PTX versions are the first that know the chip.
static const std::vector<GpuTarget> &table() {
  static const std::vector<GpuTarget> rows = {
      {"sm_80", "+ptx70"},  {"sm_86", "+ptx71"},  {"sm_89", "+ptx78"},  {"sm_90", "+ptx78"},
      {"sm_90a", "+ptx80"}, {"sm_100", "+ptx86"}, {"sm_120", "+ptx87"},
  };
  return rows;
}

std::optional<GpuTarget> findGpuTarget(const std::string &chip) {
  for (const GpuTarget &target : table())
    if (target.name == chip)
      return target;
  return std::nullopt;
}

const std::vector<std::string> &gpuChips() {
  static const std::vector<std::string> chips = [] {
    std::vector<std::string> names;
    for (const GpuTarget &target : table())
      names.push_back(target.name);
    return names;
  }();
  return chips;
}

int64_t GpuTarget::rowsPerBlock(int64_t, int64_t) const { return kTileRows; }

std::optional<int64_t> GpuTarget::resultIterations(const KernelDescription &kernel) const {
  return cuda::resultIterations(kernel, *this);
}

int64_t GpuTarget::queryParts(const AttentionKernel &kernel) const { return (kernel.tokens + kQueries - 1) / kQueries; }

} // namespace archc::cuda
