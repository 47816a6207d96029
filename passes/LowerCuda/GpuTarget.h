//===- GpuTarget.h - The table of GPU targets -----------------------------===//

#ifndef ARCHC_PASSES_LOWERCUDA_GPUTARGET_H
#define ARCHC_PASSES_LOWERCUDA_GPUTARGET_H

#include "passes/Kernels/KernelTarget.h"

#include <vector>

namespace archc::cuda {

using namespace kernels;

constexpr int64_t kWarp = 32;
constexpr int64_t kWarps = 8;
/// Threads of a thread block, of every kernel.
constexpr int64_t kThreads = kWarps * kWarp;
/// Shared memory that a thread block may ask for: what the smallest chips have, so that one shape fits all.
constexpr int64_t kSharedBudget = 96 * 1024;

struct GpuTarget : KernelTarget {
  std::string features; // LLVM's -mattr: the PTX version

  /// Blocked layouts have blocks of 16 channels as on AVX-512 hosts, panels are a warp wide.
  GpuTarget(const char *chip, const char *features) : KernelTarget(chip, chip, 16), features(features) {}

  /// A third is left for tiles, statistics and values that live longer than their readers.
  BlockLimits blockLimits() const override { return {kSharedBudget * 2 / 3, 16, 0, true}; }
  int64_t rowsPerBlock(int64_t totalWidth, int64_t weightBytes) const override;
  bool worksOnLines() const override { return false; }
  int64_t bufferAlignment() const override { return 256; }
  bool trains() const override { return false; }
  int64_t scratchBytes(const KernelDescription &) const override { return 0; }
  std::optional<int64_t> resultIterations(const KernelDescription &kernel) const override;
  int64_t queryParts(const AttentionKernel &kernel) const override;
};

/// "sm_80" and others; see gpuChips().
std::optional<GpuTarget> findGpuTarget(const std::string &chip);

const std::vector<std::string> &gpuChips();

} // namespace archc::cuda

#endif // ARCHC_PASSES_LOWERCUDA_GPUTARGET_H
