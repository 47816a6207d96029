//===- Block.h - Runs thread blocks, one after the other ------------------===//
//
// A host thread has one Block. GPU threads are fibers, run warp by warp, lane by lane, until they wait for each other: the lanes of a
// warp at a collective, all threads at a barrier. What generated code calls (Hooks.h) ends up here.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_TOOLS_EMU_BLOCK_H
#define ARCHC_TOOLS_EMU_BLOCK_H

#include "tools/emu/Access.h"
#include "tools/emu/AsyncCopies.h"
#include "tools/emu/Collectives.h"
#include "tools/emu/Counters.h"
#include "tools/emu/Fibers.h"
#include "tools/emu/Launch.h"
#include "tools/emu/SharedShadow.h"

#include <memory>
#include <string>
#include <vector>

namespace archrt::emu {

class Block;

enum class ThreadState : uint8_t { New, Ready, AtBarrier, AtCollective, Done };

/// What a kernel gets as its only argument. Generated code reads the first part at fixed offsets.
struct ThreadContext {
  uint32_t threadIndex[3], blockSize[3], blockIndex[3], gridSize[3];
  uint32_t lane, warp;
  int64_t fuel;
  uint8_t *shared;
  const uint64_t *arguments;

  Block *block;
  Fiber *fiber;
  uint32_t thread;    // in its block
  uint32_t warpEpoch; // barriers of its warp so far
  ThreadState state;
  uint32_t site, barrier; // where it waits
  uint32_t vote;          // of a barrier with a result
  AsyncCopies copies;
};

/// How the threads of a barrier's site combine their predicates.
enum class BarrierResult : uint32_t { None, Count, And, Or };

class Block {
public:
  /// `worker`: of the host threads of a launch.
  explicit Block(uint32_t worker) : worker(worker) {}

  /// Makes ready for a launch; false when there is no memory for the stacks.
  bool prepare(LaunchState &launch);
  /// Runs one block to its end, or to its first fatal finding.
  void run(uint32_t index);

  // --- Called on fibers ---
  void runThread(ThreadContext &thread);
  void access(ThreadContext &thread, const uint8_t *address, Access access);
  void accessShared(ThreadContext &thread, const uint8_t *address, Access access);
  void accessGlobal(ThreadContext &thread, const uint8_t *address, Access access);
  uint32_t barrier(ThreadContext &thread, uint32_t site, uint32_t id);
  void collective(ThreadContext &thread, const CollectiveCall &call);
  void issueCopy(ThreadContext &thread, const AsyncCopy &copy);
  /// The copy's write of shared memory, now that it happens.
  void completeCopy(ThreadContext &thread, const AsyncCopy &copy);

  void report(const ThreadContext &thread, FindingKind kind, uint32_t site, std::string detail);
  /// Reports, and leaves the thread for good, with it the block.
  [[noreturn]] void fail(ThreadContext &thread, FindingKind kind, uint32_t site, std::string detail);
  /// Leaves the thread for good.
  [[noreturn]] void abandon(ThreadContext &thread);

  /// Orders what lanes of the mask did before it and do after it.
  void passWarpBarrier(uint32_t warp, uint32_t mask);

  LaunchState &state() { return *launch; }
  Counters &memoryCounters() { return counters; }
  const ThreadContext &context(uint32_t thread) const { return *threads[thread]; }

private:
  void start(uint32_t index);
  void runWarp(uint32_t warp);
  bool resume(ThreadContext &thread);
  /// Lets go on what waits at the barrier; false after reporting that not all do.
  bool releaseBarrier();
  void finishCollective(uint32_t warp, const LaneGroup &group);
  /// Of lanes that wait to hear which of them are together, when no other lane of the warp can go on.
  bool releaseActiveMask(uint32_t warp);
  void reportStuckWarp(uint32_t warp);
  void reportStuckBarrier();
  struct SharedProblem {
    SharedShadow::Problem kind = SharedShadow::Problem::None;
    uint32_t offset = 0, other = 0;
  };
  void reportShared(ThreadContext &thread, const Access &access, const SharedProblem &problem);
  std::string globalPlace(const uint8_t *address, const Access &access) const;
  /// "barrier at file:line", "exit"
  std::string whereabouts(const ThreadContext &thread) const;

  static constexpr uint32_t workerBits = 6;

  uint32_t worker;
  LaunchState *launch = nullptr;
  FiberPool fibers;
  std::vector<std::unique_ptr<ThreadContext>> threads;
  std::vector<Warp> warps;
  std::vector<uint32_t> order; // of warps
  std::vector<uint8_t> memory; // shared, with room to align it
  uint8_t *shared = nullptr;
  uint32_t sharedBytes = 0, live = 0;
  uint32_t blockIndex = 0;
  SharedShadow shadow;
  Counters counters;
  bool failed = false;
};

} // namespace archrt::emu

#endif // ARCHC_TOOLS_EMU_BLOCK_H
