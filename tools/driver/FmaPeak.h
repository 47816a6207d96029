//===- FmaPeak.h - What the machine's multipliers can do at most ----------===//

#ifndef ARCHC_TOOLS_DRIVER_FMAPEAK_H
#define ARCHC_TOOLS_DRIVER_FMAPEAK_H

#include "runtime/core/ThreadPool.h"

namespace archc::driver {

/// GFLOP/s of all threads of the pool together in f32 fused multiply-adds on registers only, with the widest vectors that the host
/// has; the best of several runs. 0 where the host has no FMA.
double measureFmaPeak(archrt::ThreadPool &pool);

/// Seconds that a region of all threads takes when there is nothing to do: what every kernel pays. The median of many.
double measureRegion(archrt::ThreadPool &pool);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_FMAPEAK_H
