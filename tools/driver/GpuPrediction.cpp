#include "tools/driver/GpuPrediction.h"

#include "tools/driver/Traffic.h"

#include <algorithm>

using namespace archrt;

namespace archc::driver {

/// What a kernel of a CUDA graph costs beside its work: 3.4 - 2.9 us in NVIDIA's "Getting Started with CUDA Graphs".
static constexpr double kStartSeconds = 0.5e-6;
/// Shared memory that the driver keeps of each block's (CUDA C++ Programming Guide, compute capability 8.x and later).
static constexpr int64_t kReservedShared = 1024;

static int residentBlocks(const abi::Launch &launch, const GpuChip &chip) {
  int64_t byThreads = chip.threads / std::max<int64_t>(launch.threads(), 1);
  int64_t byShared = chip.sharedBytes / (static_cast<int64_t>(launch.shared()) + kReservedShared);
  return static_cast<int>(std::min({byThreads, byShared, static_cast<int64_t>(chip.blocks)}));
}

static KernelPrediction predict(const abi::Step &step, const abi::Launch &launch, double memoryBytes, int64_t batch,
                                const GpuChip &chip) {
  KernelPrediction row;
  const int64_t extent = evaluate(step.axis()->extent(), batch), block = std::max<int64_t>(launch.block(), 1);
  row.blocks = std::max<int64_t>((extent + block - 1) / block, 1);
  row.blocksPerMultiprocessor = residentBlocks(launch, chip);
  row.occupancy = static_cast<double>(row.blocksPerMultiprocessor) * launch.threads() / chip.threads;
  row.memoryBytes = memoryBytes;
  // Multiprocessors without a block in the last round do nothing.
  const int64_t rounds = (row.blocks + chip.multiprocessors - 1) / chip.multiprocessors;
  const double busy = static_cast<double>(row.blocks) / static_cast<double>(rounds * chip.multiprocessors);
  const double flops = step.flops() ? static_cast<double>(evaluate(step.flops(), batch)) : 0;
  const double fma = flops / (chip.fp32Flops * busy), memory = memoryBytes / chip.memoryBandwidth;
  row.bound = std::max(fma, memory) < kStartSeconds ? "start" : fma > memory ? "fma" : "memory";
  row.seconds = kStartSeconds + std::max(fma, memory);
  return row;
}

std::vector<KernelPrediction> predictKernels(const abi::TargetPlan &plan, const std::vector<const abi::Step *> &steps,
                                             int64_t batch, const GpuChip &chip) {
  // One cache before memory: both levels of the model are L2.
  std::vector<StepTraffic> traffic = trafficOf(plan, steps, batch, {chip.level2Bytes, chip.level2Bytes});
  std::vector<KernelPrediction> rows;
  for (size_t i = 0; i < steps.size(); ++i) {
    const abi::Kernel &kernel = *plan.kernels()->Get(steps[i]->kernel());
    rows.push_back(predict(*steps[i], *kernel.launch(), traffic[i][Memory], batch, chip));
  }
  return rows;
}

double totalSeconds(const std::vector<KernelPrediction> &kernels) {
  double seconds = 0;
  for (const KernelPrediction &kernel : kernels)
    seconds += kernel.seconds;
  return seconds;
}

} // namespace archc::driver
