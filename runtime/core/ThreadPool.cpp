#include "runtime/core/ThreadPool.h"

#include "runtime/core/HostThreads.h"

#include <chrono>
#include <climits>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace archrt {

static constexpr int kMaxThreads = 1024;
static constexpr auto kSpinTime = std::chrono::microseconds(50);
static constexpr int kPausesPerClock = 64; // reading the clock costs as much as many pauses

#if defined(__x86_64__)
static constexpr unsigned kDefaultMxcsr = 0x1F80;

DefaultFloatEnvironment::DefaultFloatEnvironment() : saved(_mm_getcsr()) { _mm_setcsr(kDefaultMxcsr); }
DefaultFloatEnvironment::~DefaultFloatEnvironment() { _mm_setcsr(saved); }
static void pause() { _mm_pause(); }
#else
DefaultFloatEnvironment::DefaultFloatEnvironment() : saved(0) {}
DefaultFloatEnvironment::~DefaultFloatEnvironment() = default;
static void pause() {}
#endif

static void futexWait(std::atomic<uint32_t> &word, uint32_t expected) {
  syscall(SYS_futex, reinterpret_cast<uint32_t *>(&word), FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
}

static void futexWakeAll(std::atomic<uint32_t> &word) {
  syscall(SYS_futex, reinterpret_cast<uint32_t *>(&word), FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

Result<std::unique_ptr<ThreadPool>> ThreadPool::create(int threads) {
  if (threads < 0 || threads > kMaxThreads)
    return invalid("the number of threads is ", threads, "; expected 0 (all) to ", kMaxThreads);
  std::unique_ptr<ThreadPool> pool(new ThreadPool);
  int count = threads == 0 ? std::min(availableCpus(), kMaxThreads) : threads;
  // With more threads than CPUs a spinning thread keeps the one it waits for from running.
  pool->oversubscribed = count > availableCpus();
  try {
    for (int worker = 1; worker < count; ++worker)
      pool->workers.emplace_back(&ThreadPool::workerLoop, pool.get(), worker);
  } catch (const std::system_error &) {
    return environmentError("cannot start ", count, " threads");
  }
  return pool;
}

ThreadPool::~ThreadPool() {
  stopping.store(true);
  generation.fetch_add(1);
  futexWakeAll(generation);
  for (std::thread &worker : workers)
    worker.join();
}

/// Pieces are whole grains and differ by at most one grain.
void ThreadPool::runPiece(int worker) {
  int64_t grains = (job.extent + job.grain - 1) / job.grain;
  int64_t share = grains / job.pieces, rest = grains % job.pieces;
  int64_t first = worker * share + std::min<int64_t>(worker, rest);
  int64_t last = first + share + (worker < rest ? 1 : 0);
  int64_t begin = first * job.grain, end = std::min(last * job.grain, job.extent);
  if (begin < end)
    job.body(job.context, begin, end, worker);
}

void ThreadPool::run(int64_t extent, int64_t grain, Body body, void *context) {
  if (extent <= 0)
    return;
  grain = std::max<int64_t>(grain, 1);
  int64_t grains = (extent + grain - 1) / grain;
  if (workers.empty() || grains == 1)
    return body(context, 0, extent, 0);

  job = {body, context, extent, grain, std::min<int64_t>(grains, threads())};
  // Every worker reports back, also those without a piece: the next job must not be written while one still reads this.
  unfinished.store(static_cast<int>(workers.size()), std::memory_order_relaxed);
  generation.fetch_add(1); // sequentially consistent, as is the check in awaitWork: no wake-up is lost
  if (sleepers.load() > 0)
    futexWakeAll(generation);
  runPiece(0);

  int spins = 0;
  auto start = std::chrono::steady_clock::time_point();
  bool yields = oversubscribed;
  while (unfinished.load(std::memory_order_acquire) != 0) {
    if (yields) {
      sched_yield();
    } else {
      pause();
      if (++spins % kPausesPerClock == 0) {
        auto now = std::chrono::steady_clock::now();
        if (spins == kPausesPerClock)
          start = now;
        yields = now - start > kSpinTime; // somebody else runs where a worker should
      }
    }
  }
}

uint32_t ThreadPool::awaitWork(uint32_t seen) {
  auto deadline = std::chrono::steady_clock::now() + kSpinTime;
  uint32_t now;
  for (int spins = 1;; ++spins) {
    now = generation.load(std::memory_order_acquire);
    if (now != seen)
      return now;
    if (oversubscribed)
      sched_yield();
    else
      pause();
    if ((oversubscribed || spins % kPausesPerClock == 0) && std::chrono::steady_clock::now() > deadline)
      break;
  }
  sleepers.fetch_add(1);
  while ((now = generation.load()) == seen)
    futexWait(generation, seen);
  sleepers.fetch_sub(1);
  return now;
}

void ThreadPool::workerLoop(int worker) {
  DefaultFloatEnvironment environment;
  uint32_t seen = 0;
  while (true) {
    seen = awaitWork(seen);
    if (stopping.load())
      return;
    if (worker < job.pieces)
      runPiece(worker);
    unfinished.fetch_sub(1, std::memory_order_acq_rel);
  }
}

} // namespace archrt
