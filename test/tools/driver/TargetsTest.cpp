//===- TargetsTest.cpp - What `--target` means on which machine -----------===//

#include "tools/driver/CompilerLibrary.h"

#include <gtest/gtest.h>

using namespace archc::driver;
using archrt::IsaLevel;

namespace {

std::vector<std::string> targetsOf(const std::string &list, std::optional<IsaLevel> host) {
  std::vector<std::string> targets;
  std::string error;
  EXPECT_EQ(resolveTargets(list, targets, error, host), ExitOk) << error;
  return targets;
}

TEST(Targets, HostIsTheHighestLevelWithKernels) {
  EXPECT_EQ(targetsOf("cpu:host", IsaLevel::V3), std::vector<std::string>{"cpu:x86-64-v3"});
  EXPECT_EQ(targetsOf("cpu:host", IsaLevel::V4), std::vector<std::string>{"cpu:x86-64-v4"});
  EXPECT_EQ(targetsOf("cpu:host", IsaLevel::V4Bf16), std::vector<std::string>{"cpu:x86-64-v4"});
  EXPECT_EQ(targetsOf("cpu:x86-64-v4,cpu:host,cpu:x86-64-v3", IsaLevel::V3),
            (std::vector<std::string>{"cpu:x86-64-v4", "cpu:x86-64-v3"}));
}

TEST(Targets, AHostWithoutAvx2IsNoTarget) {
  for (std::optional<IsaLevel> host : {std::optional<IsaLevel>(), {IsaLevel::Baseline}, {IsaLevel::V2}}) {
    std::vector<std::string> targets;
    std::string error;
    EXPECT_EQ(resolveTargets("cpu:host", targets, error, host), ExitNoTarget);
    EXPECT_NE(error.find("this machine has no AVX2"), std::string::npos) << error;
    // What is compiled for another machine needs nothing of this one.
    EXPECT_EQ(resolveTargets("cpu:x86-64-v4", targets, error, host), ExitOk);
  }
}

TEST(Targets, OtherNamesAreErrorsOfTheUser) {
  for (const char *list : {"", "cpu:x86-64-v5", "cpu:host,gpu", "x86-64-v3"}) {
    std::vector<std::string> targets;
    std::string error;
    EXPECT_EQ(resolveTargets(list, targets, error, IsaLevel::V4), ExitUserError) << list;
    EXPECT_NE(error.find("cpu:host"), std::string::npos) << error;
  }
}

} // namespace
