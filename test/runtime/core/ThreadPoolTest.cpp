//===- ThreadPoolTest.cpp - Every index once, whatever the threads --------===//

#include "runtime/core/ThreadPool.h"
#include "runtime/core/HostThreads.h"

#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <xmmintrin.h>

using namespace archrt;

static std::unique_ptr<ThreadPool> makePool(int threads) {
  auto pool = ThreadPool::create(threads);
  EXPECT_TRUE(pool.ok());
  return pool.take();
}

class ThreadPoolCounts : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Threads, ThreadPoolCounts, testing::Values(1, 2, 3, 8));

TEST_P(ThreadPoolCounts, EachIndexOnceInWholeGrains) {
  auto pool = makePool(GetParam());
  EXPECT_EQ(pool->threads(), GetParam());
  for (int64_t extent : {0, 1, 2, 7, 64, 1000})
    for (int64_t grain : {1, 3, 64}) {
      std::vector<int> seen(extent, 0);
      std::atomic<int> wrong{0};
      pool->parallelFor(extent, grain, [&](int64_t begin, int64_t end, int worker) {
        if (begin % grain != 0 || (end % grain != 0 && end != extent) || worker < 0 || worker >= GetParam())
          ++wrong;
        for (int64_t i = begin; i < end; ++i)
          ++seen[i];
      });
      EXPECT_EQ(wrong, 0);
      EXPECT_EQ(seen, std::vector<int>(extent, 1)) << extent << " by " << grain;
    }
}

// Workers also wake after they went to sleep.
TEST_P(ThreadPoolCounts, ManyRegionsWithPauses) {
  auto pool = makePool(GetParam());
  std::atomic<int64_t> sum{0};
  for (int round = 0; round < 300; ++round) {
    if (round % 100 == 50)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    pool->parallelFor(16, 1, [&](int64_t begin, int64_t end, int) { sum += end - begin; });
  }
  EXPECT_EQ(sum, 300 * 16);
}

// Regions so short that callers and workers meet at every piece; jobs must not mix.
TEST_P(ThreadPoolCounts, ManyTinyRegions) {
  auto pool = makePool(GetParam());
  int64_t sum = 0;
  std::vector<int64_t> parts(64);
  for (int round = 0; round < 20000; ++round) {
    int64_t extent = 1 + round % 64;
    pool->parallelFor(extent, 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; ++i)
        parts[i] = round;
    });
    for (int64_t i = 0; i < extent; ++i)
      sum += parts[i] == round;
  }
  int64_t expected = 0;
  for (int round = 0; round < 20000; ++round)
    expected += 1 + round % 64;
  EXPECT_EQ(sum, expected);
}

TEST(ThreadPool, WorkersUseTheDefaultFloatEnvironment) {
  unsigned saved = _mm_getcsr();
  _mm_setcsr(saved | 0x8040); // flush to zero, denormals are zero
  auto pool = makePool(3);    // a new thread inherits its creator's settings
  std::atomic<int> wrong{0};
  for (int round = 0; round < 100; ++round) // the caller takes pieces whose worker is late
    pool->parallelFor(3, 1, [&](int64_t, int64_t, int worker) { wrong += worker != 0 && (_mm_getcsr() & 0x8040) != 0; });
  {
    DefaultFloatEnvironment environment;
    EXPECT_EQ(_mm_getcsr() & 0x8040, 0u);
  }
  EXPECT_EQ(_mm_getcsr() & 0x8040, 0x8040u);
  _mm_setcsr(saved);
  EXPECT_EQ(wrong, 0);
}

TEST(ThreadPool, RefusesAbsurdCounts) {
  EXPECT_FALSE(ThreadPool::create(-1).ok());
  EXPECT_FALSE(ThreadPool::create(100000).ok());
}

static void writeFile(const std::string &path, const std::string &text) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1))
    mkdir(path.substr(0, slash).c_str(), 0755);
  std::ofstream(path) << text;
}

TEST(HostThreads, ReadsBothVersionsOfControlGroups) {
  std::string root = testing::TempDir() + "cgroups";
  writeFile(root + "/proc/self/cgroup", "0::/a/b\n");
  writeFile(root + "/sys/fs/cgroup/a/cpu.max", "150000 100000\n");
  writeFile(root + "/sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  EXPECT_EQ(quotaCpus(root), 2) << "a parent's limit counts, one and a half CPUs are two threads";
  std::string old = testing::TempDir() + "cgroups1";
  writeFile(old + "/proc/self/cgroup", "4:cpu,cpuacct:/\n");
  writeFile(old + "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "300000\n");
  writeFile(old + "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(quotaCpus(old), 3);
  EXPECT_EQ(quotaCpus(testing::TempDir() + "nowhere"), 0);
  EXPECT_GE(availableCpus(), 1);
}
