//===- CpuTarget.h - The table of CPU targets -----------------------------===//
//
// What the generator needs to know of an ISA: vector length, GEMM tile, LLVM's name. Nothing else of the host enters an artifact.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_PASSES_LOWERCPU_CPUTARGET_H
#define ARCHC_PASSES_LOWERCPU_CPUTARGET_H

#include "passes/Kernels/KernelTarget.h"

#include <vector>

namespace archc::cpu {

using namespace kernels;

struct CpuTarget : KernelTarget {
  unsigned tileRows;                  // rows of the largest GEMM tile (MR)
  std::vector<unsigned> tileVariants; // row counts that tile functions exist for, descending, 1 included
  unsigned unroll = 8;                // k steps per iteration of a tile's loop; divides vectorLength
  int64_t secondLevelBytes;           // L2 that one worker may count on

  /// `tileVariants`: the first is `tileRows`.
  CpuTarget(const char *name, const char *processor, unsigned vectorLength, std::vector<unsigned> tileVariants,
            int64_t secondLevelBytes)
      : KernelTarget(name, processor, vectorLength), tileRows(tileVariants.front()), tileVariants(std::move(tileVariants)),
        secondLevelBytes(secondLevelBytes) {}

  BlockLimits blockLimits() const override { return {secondLevelBytes / 2, 48, secondLevelBytes, false}; }
  int64_t rowsPerBlock(int64_t totalWidth, int64_t weightBytes) const override;
  bool worksOnLines() const override { return true; }
  int64_t bufferAlignment() const override { return 64; }
  bool trains() const override { return true; }
  int64_t scratchBytes(const KernelDescription &kernel) const override;
  std::optional<int64_t> resultIterations(const KernelDescription &kernel) const override;
  int64_t queryParts(const AttentionKernel &) const override { return 1; }
};

/// "x86-64-v3" and "x86-64-v4"; also "x86-64-v4-on-v3", the v4 tiles in code that AVX2 hosts run (tests only).
std::optional<CpuTarget> findCpuTarget(const std::string &name);

/// Rows per block so that a block's `widths` (channels of all values alive at once) fill at most half of L2: a multiple of the
/// tile's rows, at least 54 when `weightBytes` exceed L2, and never more than `rows` needs.
int64_t chooseRowBlock(const CpuTarget &target, int64_t totalWidth, int64_t weightBytes, int64_t rows);

} // namespace archc::cpu

#endif // ARCHC_PASSES_LOWERCPU_CPUTARGET_H
