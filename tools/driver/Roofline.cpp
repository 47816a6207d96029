#include "tools/driver/Roofline.h"

#include "runtime/graph/Describe.h"
#include "tools/driver/StepText.h"

using namespace archrt;

namespace archc::driver {

void findBound(KernelRow &row, const Machine &machine) {
  row.bound = "fma";
  row.boundSeconds = machine.peakGflops > 0 ? row.flops / (machine.peakGflops * 1e9) : 0;
  for (int level = 0; level < kMemoryLevels; ++level) {
    double rate = machine.memory.bytesPerSecond[level];
    double seconds = rate > 0 ? row.bytes[level] / rate : 0;
    if (seconds > row.boundSeconds) {
      row.bound = kMemoryLevelNames[level];
      row.boundSeconds = seconds;
    }
  }
}

std::vector<KernelRow> kernelRows(const Model &model, const std::vector<StepTime> &times, int64_t batch, const Machine &machine) {
  if (times.empty())
    return {};
  const abi::TargetPlan &plan = *model.device().plan();
  std::vector<const abi::Step *> steps;
  double total = 0;
  for (const StepTime &time : times) {
    steps.push_back(time.step);
    total += time.totalSeconds;
  }
  std::vector<StepTraffic> traffic = trafficOf(plan, steps, batch, machine.memory.sizes);
  std::vector<KernelRow> rows;
  for (size_t i = 0; i < times.size(); ++i) {
    if (times[i].runs == 0)
      continue;
    const abi::Step &step = *times[i].step;
    KernelRow row;
    row.kernel = std::string(textOf(plan.kernels()->Get(step.kernel())->name()));
    row.path = std::string(pathOf(model.artifact(), step));
    row.what = shortened(pathsOf(model.artifact(), step));
    row.specLines = specLinesOf(model.artifact(), step);
    row.seconds = times[i].minSeconds;
    row.share = total > 0 ? times[i].totalSeconds / total : 0;
    row.flops = static_cast<double>(evaluate(step.flops(), batch));
    row.bytes = traffic[i];
    findBound(row, machine);
    rows.push_back(std::move(row));
  }
  return rows;
}

} // namespace archc::driver
