//===- GpuPrediction.h - How long a GPU plan should take ------------------===//
//
// A model, not a measurement, and one that no kernel can beat: arithmetic at the chip's FP32 rate on as many multiprocessors as there
// are thread blocks for, or the bytes that its L2 does not hold at the speed of its memory, whichever is longer, and the start of a
// kernel inside a graph.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_TOOLS_DRIVER_GPUPREDICTION_H
#define ARCHC_TOOLS_DRIVER_GPUPREDICTION_H

#include "runtime/graph/Artifact.h"
#include "tools/driver/GpuChips.h"

#include <vector>

namespace archc::driver {

/// One step of the plan on one chip.
struct KernelPrediction {
  int64_t blocks = 0;
  int blocksPerMultiprocessor = 0; // resident at once, by threads and shared memory
  double occupancy = 0;            // resident threads, of those that a multiprocessor holds
  double memoryBytes = 0;          // beyond L2
  double seconds = 0;
  const char *bound = ""; // "fma", "memory" or "start"
};

/// One row per step of `steps`, which run again and again with `batch` images. All kernels have a launch.
std::vector<KernelPrediction> predictKernels(const archrt::abi::TargetPlan &plan,
                                             const std::vector<const archrt::abi::Step *> &steps, int64_t batch,
                                             const GpuChip &chip);

double totalSeconds(const std::vector<KernelPrediction> &kernels);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_GPUPREDICTION_H
