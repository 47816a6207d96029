//===- GpuChips.h - Published figures of GPUs -----------------------------===//

#ifndef ARCHC_TOOLS_DRIVER_GPUCHIPS_H
#define ARCHC_TOOLS_DRIVER_GPUCHIPS_H

#include <cstdint>
#include <string>
#include <vector>

namespace archc::driver {

/// One product, as its maker describes it.
struct GpuChip {
  const char *name;
  const char *architecture; // "sm_90"
  int multiprocessors;
  double fp32Flops;       // per second, without tensor cores
  double memoryBandwidth; // bytes per second
  int64_t level2Bytes;
  // Of one multiprocessor:
  int64_t sharedBytes;
  int threads, registers, blocks;
  const char *source;
};

/// Chips that code for `target` ("cuda:sm_90", "cuda:sm_90a") was made for; empty for other targets.
std::vector<GpuChip> chipsOf(const std::string &target);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_GPUCHIPS_H
