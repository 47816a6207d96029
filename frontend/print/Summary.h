//===- Summary.h - What a model costs, stage by stage ---------------------===//

#ifndef ARCHC_FRONTEND_PRINT_SUMMARY_H
#define ARCHC_FRONTEND_PRINT_SUMMARY_H

#include "frontend/model/Architecture.h"

#include <optional>
#include <string>

namespace archc::spec {

/// The planned arena at batch 1, in bytes, and the least that any arena needs for the same order of steps.
struct PlannedMemory {
  int64_t arena = 0, lowerBound = 0;
};
/// Empty when nobody has planned it.
using PeakMemory = std::optional<PlannedMemory>;

/// A table with one line per stage, the head and the sum. Counts are for one image.
std::string summaryTable(const Architecture &architecture, PeakMemory peakMemory);

/// The same as one JSON object: name, params, trainable_params, macs, pointwise, flops, activations, peak_memory_bytes and
/// peak_memory_lower_bound (absent when unknown), stages[], head.
std::string summaryJson(const Architecture &architecture, PeakMemory peakMemory);

} // namespace archc::spec

#endif // ARCHC_FRONTEND_PRINT_SUMMARY_H
