//===- Roofline.h - A kernel's time against what the machine allows -------===//
//
// No kernel can be faster than its arithmetic at the FMA peak, nor than its bytes at the speed of the level that they come from. The
// largest of these times is its bound.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_TOOLS_DRIVER_ROOFLINE_H
#define ARCHC_TOOLS_DRIVER_ROOFLINE_H

#include "runtime/api/Model.h"
#include "tools/driver/Traffic.h"

namespace archc::driver {

/// What this process measured about the machine.
struct Machine {
  double peakGflops = 0; // of the host; 0: something else runs the kernels
  // Only where kernels are looked at:
  MemoryLevels memory;
  double regionSeconds = 0; // what starting and ending a parallel region costs
};

/// One step of the plan at one batch size.
struct KernelRow {
  std::string kernel, path, what; // "k7", the first op's name path, all ops' in short
  std::vector<std::string> specLines;
  double seconds = 0, share = 0; // the fastest of its runs; its part of the time of all steps
  double flops = 0;
  StepTraffic bytes = {};
  std::string bound; // "fma", "L2", "L3" or "memory"
  double boundSeconds = 0;

  double gflops() const { return flops / seconds * 1e-9; }
  double percentOfBound() const { return 100 * boundSeconds / seconds; }
  /// FLOP per byte that it touches.
  double intensity() const { return bytes[Level2] > 0 ? flops / bytes[Level2] : 0; }
};

/// Rows of the steps that ran, in their order. `times` has every step of the model's plan.
std::vector<KernelRow> kernelRows(const archrt::Model &model, const std::vector<archrt::StepTime> &times, int64_t batch,
                                  const Machine &machine);

/// Sets `bound` and `boundSeconds` from the other fields.
void findBound(KernelRow &row, const Machine &machine);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_ROOFLINE_H
