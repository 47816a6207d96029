#include "tools/driver/GpuResources.h"

#include <gtest/gtest.h>

using namespace archc::driver;

TEST(GpuResources, ReadsTheAssemblersReport) {
  auto all = parseResources("ptxas info    : 0 bytes gmem\n"
                            "ptxas info    : Compiling entry function 'k12' for 'sm_80'\n"
                            "ptxas info    : Function properties for k12\n"
                            "    16 bytes stack frame, 12 bytes spill stores, 8 bytes spill loads\n"
                            "ptxas info    : Used 40 registers, used 1 barriers, 16 bytes cumulative stack size\n"
                            "ptxas info    : Function properties for k0\n"
                            "    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\n"
                            "ptxas info    : Used 128 registers\n");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all["k12"].registers, 40);
  EXPECT_EQ(all["k12"].spillBytes, 12);
  EXPECT_EQ(all["k0"].registers, 128);
  EXPECT_EQ(all["k0"].spillBytes, 0);
}

TEST(GpuResources, FindsNothingInOtherText) { EXPECT_TRUE(parseResources("ptxas fatal: no such file\n").empty()); }
