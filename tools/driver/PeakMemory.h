//===- PeakMemory.h - Who plans the memory that `summary` shows -----------===//

#ifndef ARCHC_TOOLS_DRIVER_PEAKMEMORY_H
#define ARCHC_TOOLS_DRIVER_PEAKMEMORY_H

#include "frontend/model/Architecture.h"

#include <functional>
#include <optional>

namespace archc::driver {

/// Plans the arena of a model at batch 1 for the host target; empty when that failed.
using PeakMemoryPlanner = std::function<std::optional<int64_t>(const spec::Architecture &)>;

/// Set by what can reach the compiler; without it `summary` shows no peak memory.
PeakMemoryPlanner &peakMemoryPlanner();

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_PEAKMEMORY_H
