//===- BenchReport.h - What archc bench prints ----------------------------===//

#ifndef ARCHC_TOOLS_DRIVER_BENCHREPORT_H
#define ARCHC_TOOLS_DRIVER_BENCHREPORT_H

#include "tools/driver/Roofline.h"

#include <nlohmann/json.hpp>

namespace archc::driver {

/// One batch size.
struct Timing {
  int64_t batch = 0;
  std::vector<double> milliseconds; // sorted
  std::vector<archrt::StepTime> steps;
  double flopsPerImage = 0; // 2 x MACs
  double at(double part) const {
    return milliseconds[static_cast<size_t>(part * static_cast<double>(milliseconds.size() - 1) + 0.5)];
  }
};

/// One object per batch size.
nlohmann::ordered_json benchJson(const archrt::Model &model, const std::vector<Timing> &timings, const Machine &machine);

/// The same as text.
void printBench(const archrt::Model &model, const std::vector<Timing> &timings, const Machine &machine);

/// "caformer_s18, cpu:x86-64-v4, AMD EPYC, 2 threads, FMA peak 221.3 GFLOP/s".
std::string benchTitle(const archrt::Model &model, const Machine &machine);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_BENCHREPORT_H
