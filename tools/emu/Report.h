//===- Report.h - What a launch on the emulator found ---------------------===//

#ifndef ARCHC_TOOLS_EMU_REPORT_H
#define ARCHC_TOOLS_EMU_REPORT_H

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace archrt::emu {

enum class FindingKind {
  OutOfBounds,
  ReadOnly,            // a store into an operand that the step only reads
  Misaligned,          // less than the instruction states
  Uninitialised,       // a read of what nothing wrote
  SharedRace,          // two threads of a block, no barrier between
  GlobalRace,          // the same in global memory
  BlockConflict,       // two blocks, one of which writes
  DivergentBarrier,    // not all threads of a block, or not at one place
  DivergentCollective, // not all lanes of a mask, or not at one place
  LaneOutsideMask,     // a collective's mask lacks the caller, or the lane that it reads from
  AsyncInFlight,       // memory of a cp.async touched before its wait, or an exit without one
  OutOfFuel,           // a loop without end
};
const char *findingName(FindingKind kind);

/// The first occurrence in the order of blocks and threads; `count` says how many there were.
struct Finding {
  FindingKind kind = FindingKind::OutOfBounds;
  std::string kernel;
  uint32_t block = 0, thread = 0;
  std::string instruction; // "load of 4 bytes", "barrier"
  std::string location;    // "file:line (scope)", empty when there is none
  std::string detail;
  uint64_t count = 0;

  std::string text() const;
};

/// Of the executions that were sampled (Counters.h).
struct MemoryCounters {
  uint64_t sharedRequests = 0, sharedWavefronts = 0; // a request without bank conflicts takes one, of 16 bytes a lane four
  uint64_t sharedIdealWavefronts = 0;
  uint64_t globalRequests = 0, globalSectors = 0; // of 32 bytes
  uint64_t globalIdealSectors = 0;

  void add(const MemoryCounters &other);
};

struct Report {
  std::vector<Finding> findings;
  MemoryCounters counters;

  bool ok() const { return findings.empty(); }
  bool has(FindingKind kind) const;
  /// One line per finding.
  std::string text() const;
};

/// Gathers findings of all host threads: one per kind and place.
class FindingSink {
public:
  explicit FindingSink(uint32_t most) : most(most) {}

  void add(uint32_t site, Finding finding);
  /// Whether the launch should end.
  bool full() const { return isFull.load(std::memory_order_relaxed); }
  std::vector<Finding> take();

private:
  std::mutex mutex;
  std::map<std::pair<FindingKind, uint32_t>, Finding> found;
  uint32_t most;
  std::atomic<bool> isFull{false};
};

} // namespace archrt::emu

#endif // ARCHC_TOOLS_EMU_REPORT_H
