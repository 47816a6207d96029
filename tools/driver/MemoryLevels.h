//===- MemoryLevels.h - Caches and memory: their sizes, how fast they are read ===//

#ifndef ARCHC_TOOLS_DRIVER_MEMORYLEVELS_H
#define ARCHC_TOOLS_DRIVER_MEMORYLEVELS_H

#include "runtime/core/ThreadPool.h"

#include <array>
#include <string>

namespace archc::driver {

/// Bytes that the threads of a process have at each level, together.
struct CacheSizes {
  int64_t level2 = 0, level3 = 0;
};

/// From the kernel's description of the CPUs that this process may use, at most `threads` of them; 1 MB and 32 MB where it says
/// nothing. `root` is where /sys is looked up ("" outside tests).
CacheSizes cacheSizes(int threads, const std::string &root = "");

/// Where the bytes of a step come from, nearest first. What lies in the first level hides behind the arithmetic.
enum MemoryLevel { Level2, Level3, Memory, kMemoryLevels };
constexpr std::array<const char *, kMemoryLevels> kMemoryLevelNames = {"L2", "L3", "memory"};

struct MemoryLevels {
  CacheSizes sizes;
  std::array<double, kMemoryLevels> bytesPerSecond = {}; // all threads together
};

/// Reads, with the widest vectors that the host has, of pieces that fit half of a level; the best of several runs.
MemoryLevels measureMemoryLevels(archrt::ThreadPool &pool);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_MEMORYLEVELS_H
