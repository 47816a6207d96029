//===- HostIsaTest.cpp - Which levels a machine's features add up to ------===//

#include "runtime/device/cpu/HostIsa.h"

#include <gtest/gtest.h>

namespace archrt {
namespace {

constexpr uint32_t bit(int index) { return uint32_t(1) << index; }

/// Everything of x86-64-v4 and bfloat16, on a system that saves all registers.
CpuFeatures everything() { return {~0u, ~0u, ~0u, ~0u, ~uint64_t(0)}; }

TEST(HostIsa, FeaturesAddUpToLevels) {
  EXPECT_EQ(isaLevelOf(CpuFeatures()), IsaLevel::Baseline);
  EXPECT_EQ(isaLevelOf(everything()), IsaLevel::V4Bf16);
  CpuFeatures features = everything();
  features.leaf7SubEax = 0;
  EXPECT_EQ(isaLevelOf(features), IsaLevel::V4);
  features.leaf7Ebx &= ~bit(31); // AVX512VL
  EXPECT_EQ(isaLevelOf(features), IsaLevel::V3);
  features.leaf7Ebx &= ~bit(5); // AVX2
  EXPECT_EQ(isaLevelOf(features), IsaLevel::V2);
  features.leaf1Ecx &= ~bit(20); // SSE4.2
  EXPECT_EQ(isaLevelOf(features), IsaLevel::Baseline);
}

// Instructions whose registers the system does not keep over a switch of threads must not be used.
TEST(HostIsa, TheSystemMustSaveTheRegisters) {
  CpuFeatures features = everything();
  features.savedStates = 0x7; // x87, XMM, YMM
  EXPECT_EQ(isaLevelOf(features), IsaLevel::V3);
  features.savedStates = 0x3;
  EXPECT_EQ(isaLevelOf(features), IsaLevel::V2);
  features = everything();
  features.leaf1Ecx &= ~bit(27); // OSXSAVE
  EXPECT_EQ(isaLevelOf(features), IsaLevel::V2);
}

TEST(HostIsa, LevelsRunOnHigherOnes) {
  EXPECT_TRUE(runsOn(IsaLevel::V3, IsaLevel::V4));
  EXPECT_FALSE(runsOn(IsaLevel::V3, IsaLevel::V2));
  EXPECT_FALSE(runsOn(IsaLevel::Baseline, std::nullopt));
}

} // namespace
} // namespace archrt
