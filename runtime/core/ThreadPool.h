//===- ThreadPool.h - A small pool for regions of microseconds ------------===//
//
// Between two kernels a sleeping worker would cost more than the kernel. Workers therefore spin for some 50 us after their last
// piece and sleep on a futex only then; a region costs well under a microsecond while they spin. A piece whose worker does not come,
// because something else runs on its CPU, is taken by the caller: a region never waits for a thread that has not begun.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_CORE_THREADPOOL_H
#define ARCHRT_CORE_THREADPOOL_H

#include "runtime/core/Status.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace archrt {

/// The default floating-point environment (round to nearest, no flushing, exceptions masked) while it lives: results must not
/// depend on what the calling program or a library set.
class DefaultFloatEnvironment {
public:
  DefaultFloatEnvironment();
  ~DefaultFloatEnvironment();

private:
  unsigned saved;
};

class ThreadPool {
public:
  /// Runs [begin, end) as worker number `worker`. Must not throw.
  using Body = void (*)(void *context, int64_t begin, int64_t end, int worker);

  /// `threads` = 0: as many as CPUs are available to the process.
  static Result<std::unique_ptr<ThreadPool>> create(int threads);
  ~ThreadPool();

  /// The calling thread included; workers are numbered from 0, which is the caller.
  int threads() const { return static_cast<int>(workers.size()) + 1; }

  /// Splits [0, extent) into at most threads() contiguous pieces of whole grains and returns when all are done. Only the holder
  /// of lock() may call it.
  void run(int64_t extent, int64_t grain, Body body, void *context);

  /// run() with a callable `f(begin, end, worker)`.
  template <typename F> void parallelFor(int64_t extent, int64_t grain, F &&f) {
    run(
        extent, grain,
        [](void *context, int64_t begin, int64_t end, int worker) { (*static_cast<F *>(context))(begin, end, worker); }, &f);
  }

  /// One caller at a time has the workers. A pool of one thread has none to share: its callers run side by side.
  std::unique_lock<std::mutex> lock() {
    return workers.empty() ? std::unique_lock<std::mutex>() : std::unique_lock<std::mutex>(owner);
  }

private:
  /// What a region runs. Written between two raises of `sequence`, so that a worker that reads it late notices.
  struct Job {
    Body body = nullptr;
    void *context = nullptr;
    int64_t extent = 0, grain = 1, pieces = 0;
  };
  struct SharedJob {
    std::atomic<Body> body{nullptr};
    std::atomic<void *> context{nullptr};
    std::atomic<int64_t> extent{0}, grain{1}, pieces{0};
  };
  /// The last job of which this piece was taken, on a cache line of its own.
  struct alignas(64) Slot {
    std::atomic<uint64_t> taken{0};
  };

  ThreadPool() = default;
  void workerLoop(int worker);
  void publish(const Job &job);
  /// False when job `wanted` has ended.
  bool readJob(uint64_t wanted, Job &job) const;
  /// Whether piece `index` of job `wanted` is now the caller's.
  bool take(int64_t index, uint64_t wanted);
  static void runPiece(const Job &job, int64_t index, int worker);
  /// Waits for a job after `seen`: spins, then sleeps.
  uint64_t awaitJob(uint64_t seen);
  void awaitDone(int64_t pieces) const;

  // Counters that threads hammer on have cache lines of their own. `sequence` is odd while the job is written.
  alignas(64) std::atomic<uint64_t> sequence{0};
  alignas(64) std::atomic<int64_t> done{0};
  alignas(64) std::atomic<int> sleepers{0};
  std::atomic<bool> stopping{false};
  alignas(64) SharedJob shared;
  std::unique_ptr<Slot[]> slots; // one per thread
  bool oversubscribed = false;
  std::vector<std::thread> workers;
  std::mutex owner;
};

} // namespace archrt

#endif // ARCHRT_CORE_THREADPOOL_H
