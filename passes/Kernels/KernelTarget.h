//===- KernelTarget.h - What is asked of a target before code is made -----===//
//
// Layouts, the descriptions of kernels and the planner ask these questions of any target. A lowering derives its own row from it.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_PASSES_KERNELS_KERNELTARGET_H
#define ARCHC_PASSES_KERNELS_KERNELTARGET_H

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace archc::kernels {

struct AttentionKernel;
struct KernelDescription;

/// What fusing asks: how much a block of rows may hold.
struct BlockLimits {
  int64_t scratchBytes = 0;
  int64_t minRows = 0;       // below which streaming weights dominates
  int64_t cachedWeights = 0; // up to which it does not, in bytes
  bool wholeLines = false;   // whether the lines of statistics must fit
};

struct KernelTarget {
  std::string name;      // "x86-64-v3", "sm_80"
  std::string processor; // LLVM's -mcpu
  unsigned vectorLength; // channels of one block of blocked layouts (VL): floats of one native vector on a CPU

  KernelTarget(std::string name, std::string processor, unsigned vectorLength)
      : name(std::move(name)), processor(std::move(processor)), vectorLength(vectorLength) {}
  virtual ~KernelTarget() = default;

  /// Columns of a weight panel (NR).
  int64_t panelWidth() const { return 2 * static_cast<int64_t>(vectorLength); }
  int64_t padToPanel(int64_t n) const { return (n + panelWidth() - 1) / panelWidth() * panelWidth(); }
  int64_t padToVector(int64_t n) const { return (n + vectorLength - 1) / vectorLength * vectorLength; }

  virtual BlockLimits blockLimits() const = 0;
  /// Rows per block of a kernel whose values between segments have `totalWidth` channels and whose weights have `weightBytes`.
  virtual int64_t rowsPerBlock(int64_t totalWidth, int64_t weightBytes) const = 0;
  /// Whether windows over lines of an image want blocks of whole lines, and maps in padded channel blocks.
  virtual bool worksOnLines() const = 0;
  /// What addresses of buffers are multiples of.
  virtual int64_t bufferAlignment() const = 0;
  /// Whether it has kernels of sums over a batch, which training needs.
  virtual bool trains() const = 0;

  /// Bytes of scratch that a worker needs in memory.
  virtual int64_t scratchBytes(const KernelDescription &kernel) const = 0;
  /// Iterations of a kernel whose axis is its result; nothing for those that count rows, lines, images, or are one iteration.
  virtual std::optional<int64_t> resultIterations(const KernelDescription &kernel) const = 0;
  /// Parts that the queries of one head are cut into.
  virtual int64_t queryParts(const AttentionKernel &kernel) const = 0;
};

/// Bytes of a padded image buffer, for one image.
int64_t paddedImageBytes(const KernelTarget &target, int64_t channels, int64_t height, int64_t width, int64_t padding);
/// Bytes of weight panels, a blocked matrix and taps.
int64_t panelBytes(const KernelTarget &target, int64_t outputs, int64_t inputs);
int64_t tapPanelBytes(const KernelTarget &target, int64_t outputs, int64_t inputs, int64_t taps);
int64_t blockedMatrixBytes(const KernelTarget &target, int64_t size);
int64_t tapBytes(const KernelTarget &target, int64_t channels, int64_t taps);

} // namespace archc::kernels

#endif // ARCHC_PASSES_KERNELS_KERNELTARGET_H
