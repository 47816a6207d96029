//===- Counters.h - Bank conflicts and coalescing, from a sample ----------===//
//
// Lanes run one after the other, so that what a warp does in one instruction has to be put together again: the n-th execution of a place
// by each of its lanes. Counted are the first executions of each place by each warp of sampled blocks.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_TOOLS_EMU_COUNTERS_H
#define ARCHC_TOOLS_EMU_COUNTERS_H

#include "tools/emu/Report.h"

#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

namespace archrt::emu {

class Counters {
public:
  struct Request {
    uint32_t site = 0, thread = 0;
    uint64_t address = 0;
    uint32_t bytes = 0;
    bool isShared = false;
  };

  void startBlock(bool isSampled);
  bool isSampled() const { return sampled; }
  void note(const Request &request);
  /// Adds up the sampled block.
  void endBlock();
  MemoryCounters take();

private:
  struct Group {
    bool isShared = false;
    uint32_t bytes = 0;
    std::vector<uint64_t> addresses;
  };

  void count(const Group &group);

  bool sampled = false;
  std::unordered_map<uint64_t, uint32_t> executions; // of a site by a thread
  std::map<uint64_t, Group> groups;                  // by site, execution and warp
  MemoryCounters totals;
};

} // namespace archrt::emu

#endif // ARCHC_TOOLS_EMU_COUNTERS_H
