//===- CpuTarget.h - The table of CPU targets -----------------------------===//
//
// What the generator needs to know of an ISA: vector length, GEMM tile, LLVM's name. Nothing else of the host enters an artifact.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_PASSES_LOWERCPU_CPUTARGET_H
#define ARCHC_PASSES_LOWERCPU_CPUTARGET_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace archc::cpu {

struct CpuTarget {
  std::string name;                   // "x86-64-v3"
  std::string processor;              // LLVM's -mcpu
  unsigned vectorLength;              // floats of one native vector (VL)
  unsigned tileRows;                  // rows of the largest GEMM tile (MR)
  std::vector<unsigned> tileVariants; // row counts that tile functions exist for, descending, 1 included
  unsigned unroll;                    // k steps per iteration of a tile's loop; divides vectorLength
  int64_t secondLevelBytes;           // L2 that one worker may count on

  /// Columns of a GEMM tile and of a weight panel (NR).
  int64_t panelWidth() const { return 2 * static_cast<int64_t>(vectorLength); }
  int64_t padToPanel(int64_t n) const { return (n + panelWidth() - 1) / panelWidth() * panelWidth(); }
  int64_t padToVector(int64_t n) const { return (n + vectorLength - 1) / vectorLength * vectorLength; }
};

/// "x86-64-v3" and "x86-64-v4"; also "x86-64-v4-on-v3", the v4 tiles in code that AVX2 hosts run (tests only).
std::optional<CpuTarget> findCpuTarget(const std::string &name);

/// Rows per block so that a block's `widths` (channels of all values alive at once) fill at most half of L2: a multiple of the
/// tile's rows, at least 54 when `weightBytes` exceed L2, and never more than `rows` needs.
int64_t chooseRowBlock(const CpuTarget &target, int64_t totalWidth, int64_t weightBytes, int64_t rows);

} // namespace archc::cpu

#endif // ARCHC_PASSES_LOWERCPU_CPUTARGET_H
