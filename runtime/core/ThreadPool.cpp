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
static constexpr int kPausesPerClock = 64;     // reading the clock costs as much as many pauses
static constexpr int kPausesBeforeYield = 200; // some 5 us

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

// A futex is 32 bits wide: the low half of the counter, which comes first in memory.
static uint32_t *lowHalf(std::atomic<uint64_t> &word) { return reinterpret_cast<uint32_t *>(&word); }

static void futexWait(std::atomic<uint64_t> &word, uint64_t expected) {
  syscall(SYS_futex, lowHalf(word), FUTEX_WAIT_PRIVATE, static_cast<uint32_t>(expected), nullptr, nullptr, 0);
}

static void futexWakeAll(std::atomic<uint64_t> &word) {
  syscall(SYS_futex, lowHalf(word), FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

Result<std::unique_ptr<ThreadPool>> ThreadPool::create(int threads) {
  if (threads < 0 || threads > kMaxThreads)
    return invalid("the number of threads is ", threads, "; expected 0 (all) to ", kMaxThreads);
  std::unique_ptr<ThreadPool> pool(new ThreadPool);
  int count = threads == 0 ? std::min(availableCpus(), kMaxThreads) : threads;
  // With more threads than CPUs a spinning thread keeps the one it waits for from running.
  pool->oversubscribed = count > availableCpus();
  pool->slots.reset(new Slot[count]);
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
  sequence.fetch_add(2);
  futexWakeAll(sequence);
  for (std::thread &worker : workers)
    worker.join();
}

/// Pieces are whole grains and differ by at most one grain.
void ThreadPool::runPiece(const Job &job, int64_t index, int worker) {
  int64_t grains = (job.extent + job.grain - 1) / job.grain;
  int64_t share = grains / job.pieces, rest = grains % job.pieces;
  int64_t first = index * share + std::min(index, rest);
  int64_t last = first + share + (index < rest ? 1 : 0);
  job.body(job.context, first * job.grain, std::min(last * job.grain, job.extent), worker);
}

void ThreadPool::publish(const Job &job) {
  sequence.store(sequence.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  shared.body.store(job.body, std::memory_order_relaxed);
  shared.context.store(job.context, std::memory_order_relaxed);
  shared.extent.store(job.extent, std::memory_order_relaxed);
  shared.grain.store(job.grain, std::memory_order_relaxed);
  shared.pieces.store(job.pieces, std::memory_order_relaxed);
  done.store(0, std::memory_order_relaxed);
  sequence.fetch_add(1); // sequentially consistent, as is the check in awaitJob: no wake-up is lost
}

bool ThreadPool::readJob(uint64_t wanted, Job &job) const {
  job.body = shared.body.load(std::memory_order_relaxed);
  job.context = shared.context.load(std::memory_order_relaxed);
  job.extent = shared.extent.load(std::memory_order_relaxed);
  job.grain = shared.grain.load(std::memory_order_relaxed);
  job.pieces = shared.pieces.load(std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_acquire);
  return sequence.load(std::memory_order_relaxed) == wanted;
}

bool ThreadPool::take(int64_t index, uint64_t wanted) {
  // A late thread cannot take a piece of a job that ended: all of its pieces were taken, so their slots hold that job or a later one.
  uint64_t last = slots[index].taken.load(std::memory_order_relaxed);
  while (last < wanted)
    if (slots[index].taken.compare_exchange_weak(last, wanted, std::memory_order_acq_rel))
      return true;
  return false;
}

void ThreadPool::run(int64_t extent, int64_t grain, Body body, void *context) {
  if (extent <= 0)
    return;
  grain = std::max<int64_t>(grain, 1);
  int64_t grains = (extent + grain - 1) / grain;
  if (workers.empty() || grains == 1)
    return body(context, 0, extent, 0);

  Job job = {body, context, extent, grain, std::min<int64_t>(grains, threads())};
  publish(job);
  uint64_t mine = sequence.load(std::memory_order_relaxed);
  if (sleepers.load() > 0)
    futexWakeAll(sequence);
  int64_t finished = 0;
  for (int64_t index = 0; index < job.pieces; ++index)
    if (take(index, mine)) {
      runPiece(job, index, 0);
      ++finished;
    }
  awaitDone(job.pieces - finished);
}

void ThreadPool::awaitDone(int64_t pieces) const {
  int spins = 0;
  while (done.load(std::memory_order_acquire) != pieces) {
    if (oversubscribed || spins >= kPausesBeforeYield) {
      sched_yield(); // somebody else may run where the worker should
    } else {
      pause();
      ++spins;
    }
  }
}

uint64_t ThreadPool::awaitJob(uint64_t seen) {
  auto deadline = std::chrono::steady_clock::now() + kSpinTime;
  uint64_t now;
  for (int spins = 1;; ++spins) {
    now = sequence.load(std::memory_order_acquire);
    if (now != seen && now % 2 == 0)
      return now;
    if (oversubscribed)
      sched_yield();
    else
      pause();
    if ((oversubscribed || spins % kPausesPerClock == 0) && std::chrono::steady_clock::now() > deadline)
      break;
  }
  sleepers.fetch_add(1);
  while ((now = sequence.load()) == seen || now % 2 != 0)
    futexWait(sequence, now);
  sleepers.fetch_sub(1);
  return now;
}

void ThreadPool::workerLoop(int worker) {
  DefaultFloatEnvironment environment;
  uint64_t seen = 0;
  Job job;
  while (true) {
    seen = awaitJob(seen);
    if (stopping.load())
      return;
    if (readJob(seen, job) && worker < job.pieces && take(worker, seen)) {
      runPiece(job, worker, worker);
      done.fetch_add(1, std::memory_order_release);
    }
  }
}

} // namespace archrt
