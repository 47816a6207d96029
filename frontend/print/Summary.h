//===- Summary.h - What a model costs, stage by stage ---------------------===//

#ifndef ARCHC_FRONTEND_PRINT_SUMMARY_H
#define ARCHC_FRONTEND_PRINT_SUMMARY_H

#include "frontend/model/Architecture.h"

#include <optional>
#include <string>

namespace archc::spec {

/// The planned arena at batch 1, in bytes; empty when nobody has planned it.
using PeakMemory = std::optional<int64_t>;

/// A table with one line per stage, the head and the sum. Counts are for one image.
std::string summaryTable(const Architecture &architecture, PeakMemory peakMemory);

/// The same as one JSON object: name, params, trainable_params, macs, pointwise, flops, activations, peak_memory_bytes (absent when
/// unknown), stages[], head.
std::string summaryJson(const Architecture &architecture, PeakMemory peakMemory);

} // namespace archc::spec

#endif // ARCHC_FRONTEND_PRINT_SUMMARY_H
