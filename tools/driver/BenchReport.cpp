#include "tools/driver/BenchReport.h"

#include "runtime/device/cpu/HostIsa.h"
#include "runtime/graph/Describe.h"

#include <cstdio>

using namespace archrt;
using nlohmann::ordered_json;

namespace archc::driver {

/// 0 where the peak is not known.
static double percentOfPeak(const Timing &timing, const Machine &machine) {
  double flops = timing.flopsPerImage * static_cast<double>(timing.batch);
  return machine.peakGflops > 0 ? 100 * flops / (timing.milliseconds.front() * 1e6) / machine.peakGflops : 0;
}

static ordered_json kernelJson(const KernelRow &row) {
  return {{"kernel", row.kernel},
          {"path", row.path},
          {"what", row.what},
          {"spec_lines", row.specLines},
          {"min_ms", row.seconds * 1e3},
          {"share", row.share},
          {"flops", row.flops},
          {"gflops", row.gflops()},
          {"bytes", row.bytes[Level2]},
          {"bytes_beyond_l2", row.bytes[Level3]},
          {"bytes_memory", row.bytes[Memory]},
          {"bound", row.bound},
          {"bound_ms", row.boundSeconds * 1e3},
          {"percent_of_bound", row.percentOfBound()}};
}

ordered_json benchJson(const Model &model, const std::vector<Timing> &timings, const Machine &machine) {
  ordered_json rows = ordered_json::array();
  for (const Timing &timing : timings) {
    ordered_json row = {{"model", std::string(textOf(model.artifact().model().name()))},
                        {"target", model.device().target()},
                        {"cpu", hostCpuName()},
                        {"batch", timing.batch},
                        {"threads", model.runtime().pool().threads()},
                        {"runs", timing.milliseconds.size()},
                        {"min_ms", timing.milliseconds.front()},
                        {"median_ms", timing.at(0.5)},
                        {"p95_ms", timing.at(0.95)},
                        {"images_per_s", 1e3 * static_cast<double>(timing.batch) / timing.at(0.5)},
                        {"percent_of_peak", percentOfPeak(timing, machine)},
                        {"peak_gflops", machine.peakGflops}};
    std::vector<KernelRow> kernels = kernelRows(model, timing.steps, timing.batch, machine);
    for (int level = 0; !kernels.empty() && level < kMemoryLevels; ++level)
      row["read_gb_s"][kMemoryLevelNames[level]] = machine.memory.bytesPerSecond[level] * 1e-9;
    if (!kernels.empty())
      row["region_us"] = machine.regionSeconds * 1e6;
    for (const KernelRow &kernel : kernels)
      row["kernels"].push_back(kernelJson(kernel));
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string benchTitle(const Model &model, const Machine &machine) {
  std::string title = concat(textOf(model.artifact().model().name()), ", ", model.device().target(), ", ", hostCpuName(), ", ",
                             model.runtime().pool().threads(), " threads");
  char peak[64];
  std::snprintf(peak, sizeof(peak), ", FMA peak %.1f GFLOP/s", machine.peakGflops);
  return machine.peakGflops > 0 ? title + peak : title;
}

static void printKernels(const std::vector<KernelRow> &rows) {
  std::printf("%5s %10s %8s %10s %10s %10s %10s %7s %10s  %s\n", "step", "min ms", "share %", "GFLOP/s", "touches", "beyond L2",
              "memory", "bound", "% of bound", "kernel and what it does");
  for (size_t i = 0; i < rows.size(); ++i) {
    const KernelRow &row = rows[i];
    std::string from = row.specLines.empty() ? "" : "  [" + row.specLines.front() + (row.specLines.size() > 1 ? ", ...]" : "]");
    std::printf("%5zu %10.4f %8.1f %10.1f %10s %10s %10s %7s %10.1f  %s  %s%s\n", i + 1, row.seconds * 1e3, 100 * row.share,
                row.gflops(), sizeText(row.bytes[Level2]).c_str(), sizeText(row.bytes[Level3]).c_str(),
                sizeText(row.bytes[Memory]).c_str(), row.bound.c_str(), row.percentOfBound(), row.kernel.c_str(),
                row.what.c_str(), from.c_str());
  }
}

void printBench(const Model &model, const std::vector<Timing> &timings, const Machine &machine) {
  std::printf("%s\n", benchTitle(model, machine).c_str());
  if (machine.memory.bytesPerSecond[Memory] > 0)
    std::printf("reads %.0f GB/s from L2 (%s), %.0f from L3 (%s), %.0f from memory; a parallel region costs %.2f us\n",
                machine.memory.bytesPerSecond[Level2] * 1e-9, sizeText(static_cast<double>(machine.memory.sizes.level2)).c_str(),
                machine.memory.bytesPerSecond[Level3] * 1e-9, sizeText(static_cast<double>(machine.memory.sizes.level3)).c_str(),
                machine.memory.bytesPerSecond[Memory] * 1e-9, machine.regionSeconds * 1e6);
  std::printf("%6s %10s %10s %10s %10s %10s\n", "batch", "min ms", "median ms", "p95 ms", "images/s", "% of peak");
  for (const Timing &timing : timings) {
    char percent[32] = "-";
    if (machine.peakGflops > 0)
      std::snprintf(percent, sizeof(percent), "%.1f", percentOfPeak(timing, machine));
    std::printf("%6d %10.3f %10.3f %10.3f %10.1f %10s\n", static_cast<int>(timing.batch), timing.milliseconds.front(),
                timing.at(0.5), timing.at(0.95), 1e3 * static_cast<double>(timing.batch) / timing.at(0.5), percent);
    if (std::vector<KernelRow> rows = kernelRows(model, timing.steps, timing.batch, machine); !rows.empty())
      printKernels(rows);
  }
}

} // namespace archc::driver
