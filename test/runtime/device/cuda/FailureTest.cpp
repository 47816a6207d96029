//===- FailureTest.cpp - A failure of the driver at every single call -----===//

#include "test/runtime/device/cuda/MockedModel.h"

#include <gtest/gtest.h>

namespace archrt {
using namespace test;

namespace {

/// What the program was told, and whether it could go on.
struct Story {
  Status first;
  int failures = 0;
};

void note(Story &story, Status status) {
  if (status.ok())
    return;
  ++story.failures;
  if (story.first.ok())
    story.first = std::move(status);
}

/// Runs, and once more when that failed: one failure must not spoil what follows.
void runTwice(Story &story, Session &session, int64_t batch) {
  Status status = runOnes(session, batch);
  if (!status.ok())
    note(story, runOnes(session, batch));
  note(story, std::move(status));
}

Story liveThroughEverything() {
  Story story;
  TinyArtifact tiny;
  tiny.makeGpu();
  auto model = loadMocked(tiny);
  if (!model.ok()) {
    note(story, model.status());
    return story;
  }
  auto session = Session::create(*model).take();
  Status reserved = session->reserve(3);
  if (!reserved.ok()) {
    EXPECT_TRUE(session->reserve(3).ok());
  }
  note(story, std::move(reserved));
  for (int64_t batch : {2, 2, 2, 3, 3})
    runTwice(story, *session, batch);
  note(story, (*model)->setWeights(ParamStore::allocate((*model)->artifact().model()).take()));
  for (int round = 0; round < 2; ++round)
    runTwice(story, *session, 2);
  Status tapped = session->addTap("stages.0.blocks.0");
  note(story, tapped);
  runTwice(story, *session, 3);
  return story;
}

} // namespace

class CudaFailure : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Codes, CudaFailure, testing::Values(2, 999));

TEST_P(CudaFailure, AtEveryCallIsToldOnceAndLeavesNothing) {
  int64_t calls = 1;
  int told = 0;
  for (int64_t n = -1; n < calls; ++n) {
    MockSettings settings;
    settings.failAt = n;
    settings.failWith = GetParam();
    resetMock(settings);
    Story story = liveThroughEverything();
    MockRecord record = readMock();
    calls = n < 0 ? record.calls : calls;
    EXPECT_EQ(record.violations, std::vector<std::string>()) << "call " << n;
    EXPECT_EQ(record.alive, 0u) << "call " << n;
    EXPECT_LE(story.failures, n < 0 ? 0 : 1) << "call " << n << ": " << story.first.message();
    told += story.failures;
    if (!story.first.ok()) {
      EXPECT_NE(story.first.message().find("CUDA_ERROR"), std::string::npos) << "call " << n << ": " << story.first.message();
      EXPECT_NE(story.first.code(), ErrorCode::Input) << "call " << n << ": " << story.first.message();
    }
  }
  // Those that nobody can be told of are calls that tear down.
  EXPECT_GT(calls, 150);
  EXPECT_GT(told, calls / 2);
}

} // namespace archrt
