//===- GpuPredictionTest.cpp - The model of GPUs against sums by hand -----===//

#include "tools/driver/GpuPrediction.h"
#include "runtime/graph/PlanSteps.h"
#include "test/runtime/TinyArtifact.h"

#include <gtest/gtest.h>

using namespace archrt;
namespace tables = archrt::abi; // the C++ library has an `abi`, too

namespace archc::driver {
namespace {

/// One step of 4 iterations and 1000 FLOP per image; operands of 128 bytes per image.
struct OneStep {
  explicit OneStep(uint32_t threads, uint64_t block, uint64_t shared) {
    tables::TargetPlanT plan;
    plan.target = "cuda:sm_80";
    auto kernel = std::make_unique<tables::KernelT>();
    kernel->name = "k0";
    kernel->launch = std::make_unique<tables::LaunchT>();
    kernel->launch->threads = threads;
    kernel->launch->block = block;
    kernel->launch->shared = shared;
    plan.kernels.push_back(std::move(kernel));
    for (int64_t offset : {0, 64}) {
      auto buffer = std::make_unique<tables::BufferT>();
      buffer->offset = std::make_unique<tables::Extent>(0, offset << 20);
      buffer->size = std::make_unique<tables::Extent>(0, 64);
      plan.buffers.push_back(std::move(buffer));
    }
    auto step = std::make_unique<tables::StepT>();
    for (uint32_t index : {0, 1}) {
      auto operand = std::make_unique<tables::OperandT>();
      operand->buffer = index;
      step->operands.push_back(std::move(operand));
    }
    step->axis = std::make_unique<tables::AxisT>();
    step->axis->extent = std::make_unique<tables::Extent>(0, 4);
    step->flops = std::make_unique<tables::Extent>(0, 1000);
    auto function = std::make_unique<tables::PlanFunctionT>();
    function->name = "forward_f32";
    function->steps.push_back(std::move(step));
    plan.functions.push_back(std::move(function));
    builder.Finish(tables::TargetPlan::Pack(builder, &plan));
  }

  KernelPrediction predict(int64_t batch, const GpuChip &chip) const {
    const auto &plan = *flatbuffers::GetRoot<tables::TargetPlan>(builder.GetBufferPointer());
    return predictKernels(plan, {plan.functions()->Get(0)->steps()->Get(0)}, batch, chip).front();
  }

  flatbuffers::FlatBufferBuilder builder;
};

/// Ten multiprocessors, 1 GFLOP/s, 1 GB/s.
const GpuChip kChip = {"test", "sm_80", 10, 1e9, 1e9, 1 << 20, 100 * 1024, 1024, 65536, 16, ""};
constexpr double kStart = 0.5e-6;

} // namespace

TEST(GpuPrediction, ArithmeticOnAllMultiprocessors) {
  KernelPrediction row = OneStep(256, 4, 0).predict(1000, kChip);
  EXPECT_EQ(row.blocks, 1000);
  EXPECT_STREQ(row.bound, "fma");
  EXPECT_NEAR(row.seconds, kStart + 1000 * 1000 / 1e9, 1e-9);
}

TEST(GpuPrediction, ALastRoundWithFewBlocksCountsWhole) {
  // 11 blocks take as long as 20.
  KernelPrediction row = OneStep(256, 4, 0).predict(11, kChip);
  EXPECT_NEAR(row.seconds, kStart + 20 * 1000 / 1e9, 1e-9);
}

TEST(GpuPrediction, BytesBeyondTheCacheComeFromMemory) {
  GpuChip chip = kChip;
  chip.fp32Flops = 1e15;
  // 6.4 MB in and out, again and again, through 1 MB of cache.
  KernelPrediction row = OneStep(256, 4, 0).predict(100000, chip);
  EXPECT_STREQ(row.bound, "memory");
  EXPECT_NEAR(row.memoryBytes, 128e5, 1e5);
  EXPECT_NEAR(row.seconds, kStart + row.memoryBytes / 1e9, 1e-9);
  // What the cache holds does not.
  EXPECT_EQ(OneStep(256, 4, 0).predict(100, chip).memoryBytes, 0);
}

TEST(GpuPrediction, OccupancyByThreadsAndSharedMemory) {
  EXPECT_EQ(OneStep(256, 4, 0).predict(1, kChip).blocksPerMultiprocessor, 4);
  EXPECT_EQ(OneStep(256, 4, 0).predict(1, kChip).occupancy, 1);
  EXPECT_EQ(OneStep(256, 4, 48 * 1024).predict(1, kChip).blocksPerMultiprocessor, 2); // 1 KB of each is the driver's
  EXPECT_EQ(OneStep(32, 4, 0).predict(1, kChip).blocksPerMultiprocessor, 16);
}

TEST(GpuPrediction, ChipsOfATarget) {
  EXPECT_EQ(chipsOf("cuda:sm_90").size(), 2u);
  EXPECT_EQ(chipsOf("cuda:sm_90a").size(), 2u);
  EXPECT_EQ(chipsOf("cuda:sm_80").size(), 1u);
  EXPECT_TRUE(chipsOf("cpu:x86-64-v4").empty());
}

} // namespace archc::driver
