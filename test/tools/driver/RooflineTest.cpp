//===- RooflineTest.cpp - Traffic, bounds and the picture of them ---------===//

#include "runtime/graph/PlanSteps.h"
#include "test/runtime/TinyArtifact.h"
#include "tools/driver/RooflinePlot.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

using namespace archrt;

namespace archc::driver {

TEST(Traffic, KeepsWhatWasUsedLast) {
  LeastRecentlyUsed cache(2);
  EXPECT_FALSE(cache.touch(1));
  EXPECT_FALSE(cache.touch(2));
  EXPECT_TRUE(cache.touch(1));
  EXPECT_FALSE(cache.touch(3)); // 2 goes
  EXPECT_TRUE(cache.touch(1));
  EXPECT_FALSE(cache.touch(2));
}

/// The traffic of the two steps x -> h -> y of the tiny network at a batch of `batch`.
static std::vector<StepTraffic> tinyTraffic(int64_t batch, const CacheSizes &caches) {
  auto artifact = Artifact::fromBytes(ByteView(test::TinyArtifact().bytes())).take();
  const archrt::abi::TargetPlan &plan = *artifact->plans().front();
  return trafficOf(plan, *flattenSteps(plan, *findFunction(plan, "forward_f32")), batch, caches);
}

TEST(Traffic, NothingLeavesTheNearestCacheWhenAllFits) {
  for (const StepTraffic &step : tinyTraffic(1000, {1 << 20, 32 << 20})) {
    EXPECT_GT(step[Level2], 48 * 1000);
    EXPECT_EQ(step[Level3], 0);
    EXPECT_EQ(step[Memory], 0);
  }
}

TEST(Traffic, MapsLargerThanACacheComeFromBehindIt) {
  // 48 bytes in, 64 of the map between, 48 out per image: some 4.8, 6.4 and 4.8 MB.
  constexpr int64_t batch = 100000;
  std::vector<StepTraffic> steps = tinyTraffic(batch, {1 << 20, 64 << 20});
  EXPECT_NEAR(steps[0][Level2], 112.0 * batch + 48, 1);
  EXPECT_NEAR(steps[0][Level3], 112.0 * batch, 64 * 1024);
  EXPECT_EQ(steps[1][Memory], 0);
  steps = tinyTraffic(batch, {1 << 20, 4 << 20});
  EXPECT_NEAR(steps[1][Memory], 112.0 * batch, 64 * 1024);
}

TEST(MemoryLevels, SizesOfSharedCachesCountOnce) {
  std::string root = testing::TempDir() + "cache-sizes";
  std::filesystem::remove_all(root);
  auto write = [&](int cpu, int index, const std::string &name, const std::string &text) {
    std::string folder = concat(root, "/sys/devices/system/cpu/cpu", cpu, "/cache/index", index);
    std::filesystem::create_directories(folder);
    std::ofstream(folder + "/" + name) << text << "\n";
  };
  for (int cpu = 0; cpu < 256; ++cpu) { // whichever this process may use
    write(cpu, 2, "level", "2"), write(cpu, 2, "type", "Unified"), write(cpu, 2, "size", "512K");
    write(cpu, 2, "shared_cpu_list", std::to_string(cpu));
    write(cpu, 3, "level", "3"), write(cpu, 3, "type", "Unified"), write(cpu, 3, "size", "16384K");
    write(cpu, 3, "shared_cpu_list", "0-255");
  }
  EXPECT_EQ(cacheSizes(1, root).level2, 512 << 10);
  EXPECT_EQ(cacheSizes(1, root).level3, 16 << 20);
  EXPECT_EQ(cacheSizes(4, root).level3, 16 << 20);
  EXPECT_EQ(cacheSizes(3, "/nowhere").level2, 3 << 20);
}

TEST(MemoryLevels, NearerIsNotSlower) {
  auto pool = ThreadPool::create(1).take();
  MemoryLevels levels = measureMemoryLevels(*pool);
  EXPECT_GT(levels.bytesPerSecond[Memory], 1e8);
  EXPECT_GT(levels.bytesPerSecond[Level2], 0.8 * levels.bytesPerSecond[Memory]);
}

static Machine machineOf() {
  Machine machine;
  machine.peakGflops = 100;
  machine.memory.bytesPerSecond = {200e9, 50e9, 10e9};
  return machine;
}

static KernelRow rowOf(double flops, StepTraffic bytes) {
  KernelRow row;
  row.kernel = "k0";
  row.what = "stem: conv <&> norm";
  row.seconds = 1;
  row.share = 0.5;
  row.flops = flops;
  row.bytes = bytes;
  findBound(row, machineOf());
  return row;
}

TEST(Roofline, TheSlowestResourceIsTheBound) {
  EXPECT_EQ(rowOf(90e9, {1e9, 1e9, 1e9}).bound, "fma");
  EXPECT_NEAR(rowOf(90e9, {1e9, 1e9, 1e9}).percentOfBound(), 90, 1e-9);
  EXPECT_EQ(rowOf(1e9, {100e9, 10e9, 1e9}).bound, "L2");
  EXPECT_EQ(rowOf(1e9, {40e9, 40e9, 1e9}).bound, "L3");
  EXPECT_EQ(rowOf(1e9, {5e9, 5e9, 5e9}).bound, "memory");
  EXPECT_NEAR(rowOf(1e9, {5e9, 5e9, 5e9}).boundSeconds, 0.5, 1e-9);
}

static size_t countOf(const std::string &text, const std::string &part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

TEST(RooflinePlot, OneDotPerKernelAndFourRoofs) {
  std::vector<PlotSeries> series = {
      {"batch 1", {rowOf(90e9, {1e9, 1e9, 1e9}), rowOf(1e9, {5e9, 5e9, 5e9}), rowOf(0, {1e9, 0, 0})}}};
  std::string svg = rooflineSvg("a < b", machineOf(), series);
  EXPECT_EQ(countOf(svg, "<title>"), 2u); // what does no arithmetic has no place on logarithmic axes
  EXPECT_EQ(countOf(svg, "class=\"roof\""), 4u);
  EXPECT_NE(svg.find("a &lt; b"), std::string::npos);
  EXPECT_NE(svg.find("conv &lt;&amp;&gt; norm"), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.find("inf"), std::string::npos);
}

} // namespace archc::driver
