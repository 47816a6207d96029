//===- GpuSessionTest.cpp - What sessions ask of a driver, and in what order ===//
//
// On the mock of the CUDA driver, which runs no kernel: numbers are checked on the emulator.
//
//===----------------------------------------------------------------------===//

#include "test/runtime/device/cuda/MockedModel.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <thread>

namespace archrt {
using namespace test;
using Log = std::vector<std::string>;

namespace {

/// What was logged since it was asked last.
class NewEntries {
public:
  Log operator()() {
    Log all = readMock().log, fresh(all.begin() + static_cast<ptrdiff_t>(seen), all.end());
    seen = all.size();
    return fresh;
  }

private:
  size_t seen = 0;
};

class GpuSessions : public testing::Test {
protected:
  GpuSessions() {
    resetMock();
    tiny.makeGpu();
  }
  ~GpuSessions() override {
    model.reset();
    MockRecord record = readMock();
    EXPECT_EQ(record.violations, Log());
    EXPECT_EQ(record.alive, 0u);
  }
  std::unique_ptr<Session> open(const std::string &weights = tinyWeights()) {
    auto loaded = loadMocked(tiny, weights);
    EXPECT_TRUE(loaded.ok()) << loaded.status().message();
    model = loaded.take();
    return Session::create(model).take();
  }

  TinyArtifact tiny;
  std::shared_ptr<Model> model;
  NewEntries newEntries;
};

const Log kEagerBatchOf3 = {"upload 144", "launch add_row 2x64", "launch add_row 2x64", "download 144", "synchronize"};

Log after(Log first, const Log &then) {
  first.insert(first.end(), then.begin(), then.end());
  return first;
}

} // namespace

TEST_F(GpuSessions, WeightsArePreparedOnTheDevice) {
  open();
  EXPECT_EQ(newEntries(), (Log{"upload 48", "launch double 6x64", "synchronize"}));
  EXPECT_EQ(model->device().target(), "cuda:sm_80 on cuda:0 (Mock)");
}

TEST_F(GpuSessions, ABatchSizeRunsThenIsRecordedThenReplayed) {
  auto session = open();
  ASSERT_TRUE(session->reserve(3).ok());
  newEntries();
  int64_t callsBefore = 0;
  for (const Log &expected :
       {kEagerBatchOf3, after({"begin", "end", "replay"}, kEagerBatchOf3), after({"replay"}, kEagerBatchOf3)}) {
    callsBefore = readMock().calls;
    ASSERT_TRUE(runOnes(*session, 3).ok());
    EXPECT_EQ(newEntries(), expected);
  }
  EXPECT_LE(readMock().calls - callsBefore, 4) << "a replay is a launch and a wait";
  ASSERT_TRUE(runOnes(*session, 1).ok());
  EXPECT_EQ(newEntries(), (Log{"upload 48", "launch add_row 1x64", "launch add_row 1x64", "download 48", "synchronize"}));
  ASSERT_TRUE(runOnes(*session, 3).ok());
  EXPECT_EQ(newEntries().front(), "replay") << "the other size is still recorded";
}

TEST_F(GpuSessions, RecordingsOfManyBatchSizesAreLimited) {
  auto session = open();
  ASSERT_TRUE(session->reserve(40).ok());
  size_t before = readMock().alive;
  for (int64_t batch = 1; batch <= 40; ++batch)
    for (int round = 0; round < 2; ++round)
      ASSERT_TRUE(runOnes(*session, batch).ok());
  EXPECT_EQ(readMock().alive - before, 16u);
  newEntries();
  ASSERT_TRUE(runOnes(*session, 30).ok());
  EXPECT_EQ(newEntries().front(), "replay");
  ASSERT_TRUE(runOnes(*session, 2).ok());
  EXPECT_EQ(newEntries().front(), "upload 96") << "forgotten, so that it begins again";
}

TEST_F(GpuSessions, RunningAllocatesNothing) {
  auto session = open();
  ASSERT_TRUE(session->reserve(4).ok());
  ASSERT_TRUE(runOnes(*session, 4).ok());
  size_t before = readMock().alive;
  for (int round = 0; round < 3; ++round)
    ASSERT_TRUE(runOnes(*session, 4).ok());
  EXPECT_EQ(readMock().alive, before + 1) << "the recording";
}

TEST_F(GpuSessions, NewWeightsAndNewMemoryEndRecordings) {
  auto session = open();
  ASSERT_TRUE(session->reserve(3).ok());
  for (int round = 0; round < 3; ++round)
    ASSERT_TRUE(runOnes(*session, 3).ok());
  ASSERT_TRUE(model->setWeights(ParamStore::allocate(model->artifact().model()).take()).ok());
  newEntries();
  ASSERT_TRUE(runOnes(*session, 3).ok());
  EXPECT_EQ(newEntries(), kEagerBatchOf3);
  ASSERT_TRUE(session->reserve(5).ok());
  ASSERT_TRUE(runOnes(*session, 3).ok());
  EXPECT_EQ(newEntries(), kEagerBatchOf3);
}

TEST_F(GpuSessions, LargerBatchesRunInPieces) {
  auto session = open();
  ASSERT_TRUE(session->reserve(3).ok());
  newEntries();
  ASSERT_TRUE(runOnes(*session, 7).ok());
  Log log = newEntries();
  EXPECT_EQ(std::count(log.begin(), log.end(), "upload 144"), 2);
  EXPECT_EQ(std::count(log.begin(), log.end(), "upload 48"), 1);
}

TEST_F(GpuSessions, PixelsHaveTheirOwnFunction) {
  auto session = open();
  ASSERT_TRUE(session->reserve(2).ok());
  newEntries();
  std::vector<uint8_t> pixels(2 * kWidth, 7);
  std::vector<float> output(2 * kWidth);
  ASSERT_TRUE(session->run({pixels.data(), InputKind::U8, Layout::NHWC, 2}, output.data()).ok());
  EXPECT_EQ(newEntries(),
            (Log{"upload 24", "launch widen 1x64", "launch add_row 1x64", "launch add_row 1x64", "download 96", "synchronize"}));
}

TEST_F(GpuSessions, TapsAreTakenBehindTheirStep) {
  auto session = open();
  ASSERT_TRUE(session->addTap("stages.0.blocks.0").ok());
  ASSERT_TRUE(session->reserve(2).ok());
  newEntries();
  ASSERT_TRUE(runOnes(*session, 2).ok());
  EXPECT_EQ(newEntries(), (Log{"upload 96", "synchronize", "launch add_row 1x64", "synchronize", "download 128", "synchronize",
                               "launch add_row 1x64", "synchronize", "download 96", "synchronize"}));
}

TEST_F(GpuSessions, ProfilingTimesEachKernel) {
  auto session = open();
  session->device().setProfiling(true);
  for (int round = 0; round < 3; ++round)
    ASSERT_TRUE(runOnes(*session, 2).ok());
  std::vector<StepTime> times = session->device().stepTimes();
  ASSERT_EQ(times.size(), 2u);
  for (const StepTime &time : times)
    EXPECT_EQ(time.runs, 3);
}

TEST_F(GpuSessions, AnEmptyAxisLaunchesNothing) {
  *tiny.function("forward_f32").steps[0]->axis->extent = {0, 0};
  auto session = open();
  ASSERT_TRUE(session->reserve(1).ok());
  newEntries();
  ASSERT_TRUE(runOnes(*session, 1).ok());
  EXPECT_EQ(newEntries(), (Log{"upload 48", "launch add_row 1x64", "download 48", "synchronize"}));
}

TEST_F(GpuSessions, ErrorsNameKernelAndSpecLine) {
  MockSettings settings;
  settings.asyncError = "add_row";
  resetMock(settings);
  auto line = std::make_unique<abi::SpecLineT>();
  line->file = "tiny.toml";
  line->line = 12;
  tiny.model.locations[1]->lines.push_back(std::move(line));
  auto session = open();
  EXPECT_EQ(runOnes(*session, 2).message(),
            "running a batch of 2: waiting for the device failed: CUDA_ERROR_LAUNCH_FAILED (as the mock was told); `archc bench "
            "--per-kernel` runs the 2 kernels one by one, so that the error names one");
  session.reset();
  model.reset();
  resetMock(settings); // a device does not recover
  session = open();
  session->device().setProfiling(true);
  EXPECT_EQ(runOnes(*session, 2).message(), "kernel `add_row` of `stages.0.blocks.0.mlp` (tiny.toml:12): waiting for the device "
                                            "failed: CUDA_ERROR_LAUNCH_FAILED (as the mock was told)");
}

TEST_F(GpuSessions, WithoutWeightsNothingRuns) {
  auto session = open("");
  EXPECT_NE(runOnes(*session, 1).message().find("no weights"), std::string::npos);
}

TEST_F(GpuSessions, TooManyThreadBlocksAreFoundBeforeTheRun) {
  tiny.plan().kernels[AddRowKernel]->launch->block = 1;
  *tiny.function("forward_f32").steps[0]->axis->extent = {int64_t(1) << 31, 0};
  auto session = open();
  EXPECT_EQ(session->reserve(1).message(),
            "kernel `add_row` of `stages.0.blocks.0.mlp` needs 2147483648 thread blocks for a batch "
            "of 1; expected at most 2147483647");
}

TEST_F(GpuSessions, SeveralRunAtOnce) {
  open();
  std::vector<std::thread> callers;
  std::atomic<int> wrong{0};
  for (int caller = 0; caller < 4; ++caller)
    callers.emplace_back([&, caller] {
      auto session = Session::create(model).take();
      for (int round = 0; round < 20; ++round)
        wrong += !runOnes(*session, 1 + (round + caller) % 3).ok();
    });
  for (int round = 0; round < 5; ++round)
    wrong += !model->setWeights(ParamStore::allocate(model->artifact().model()).take()).ok();
  for (std::thread &caller : callers)
    caller.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(GpuSessions, TheBestPlanIsChosenOrTheOneAskedFor) {
  tiny.addPlan("cpu:x86-64");
  tiny.addPlan("to be");
  std::swap(tiny.plans.front(), tiny.plans.back());
  tiny.makeGpu("cuda:sm_90", {abi::GpuCodeKind::Emulation, abi::GpuCodeKind::Ptx});
  auto chosen = [&](const std::string &wanted) {
    auto loaded = loadMocked(tiny, tinyWeights(), "cuda:1", wanted);
    return loaded.ok() ? (*loaded)->device().target() : loaded.status().message();
  };
  EXPECT_EQ(chosen(""), "cuda:sm_90 on cuda:1 (Mock)");
  EXPECT_EQ(chosen("sm_80"), "cuda:sm_80 on cuda:1 (Mock)");
  EXPECT_EQ(chosen("cuda:sm_75"),
            "the artifact has no plan for `cuda:sm_75`; expected one of `cuda:sm_90`, `cpu:x86-64`, `cuda:sm_80`");
  MockSettings old;
  old.major = 7;
  old.minor = 5;
  resetMock(old);
  EXPECT_EQ(chosen(""), "`cuda:1 (Mock)` runs none of what the artifact has: `cuda:sm_90` as code for the emulator and PTX, "
                        "`cpu:x86-64`, `cuda:sm_80` as PTX; compile it with `--target=cuda:sm_80`");
}

} // namespace archrt
