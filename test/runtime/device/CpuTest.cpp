//===- CpuTest.cpp - The CPU executor on a hand-made artifact -------------===//

#include "runtime/api/Session.h"
#include "runtime/device/cpu/CpuModel.h"
#include "test/runtime/TinyArtifact.h"

#include <cstdlib>
#include <gtest/gtest.h>
#include <thread>

namespace archrt {
using namespace test;

static std::shared_ptr<Model> load(TinyArtifact &tiny, int threads, const std::string &weights = tinyWeights()) {
  auto artifact = Artifact::fromBytes(ByteView(tiny.bytes(weights)));
  EXPECT_TRUE(artifact.ok()) << artifact.status().message();
  auto runtime = Runtime::create(threads);
  auto model = Model::load(*runtime, *artifact, {});
  EXPECT_TRUE(model.ok()) << model.status().message();
  return model.take();
}

static std::vector<float> inputOf(int64_t batch) {
  std::vector<float> input(batch * kWidth);
  for (size_t i = 0; i < input.size(); ++i)
    input[i] = static_cast<float>(i % 97) * 0.5f;
  return input;
}

/// y = (x + 2 w) + 2 w with w[c] = c + 1.
static std::vector<float> expected(const std::vector<float> &input) {
  std::vector<float> output = input;
  for (int round = 0; round < 2; ++round)
    for (size_t i = 0; i < output.size(); ++i)
      output[i] += 2 * static_cast<float>(i % kWidth + 1);
  return output;
}

static std::vector<float> runOnce(Session &session, const void *data, int64_t batch, InputKind kind = InputKind::F32,
                                  Layout layout = Layout::NHWC) {
  std::vector<float> output(batch * kWidth, -1);
  Status status = session.run({data, kind, layout, batch}, output.data());
  EXPECT_TRUE(status.ok()) << status.message();
  return output;
}

class CpuThreads : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Threads, CpuThreads, testing::Values(1, 2, 3, 8));

TEST_P(CpuThreads, RunsEveryBatch) {
  TinyArtifact tiny;
  auto model = load(tiny, GetParam());
  auto session = Session::create(model).take();
  ASSERT_TRUE(session->reserve(8).ok());
  for (int64_t batch : {1, 3, 8, 19}) // 19 runs in pieces
    EXPECT_EQ(runOnce(*session, inputOf(batch).data(), batch), expected(inputOf(batch))) << batch;
}

TEST_P(CpuThreads, RegionsGiveTheSame) {
  TinyArtifact tiny;
  for (auto &step : tiny.function("forward_f32").steps)
    step->region = 1;
  auto model = load(tiny, GetParam());
  auto session = Session::create(model).take();
  for (int64_t batch : {1, 3, 16})
    EXPECT_EQ(runOnce(*session, inputOf(batch).data(), batch), expected(inputOf(batch))) << batch;
}

// Ten packed weights, of which the network uses the first and the last: `prepare` runs them side by side.
TEST_P(CpuThreads, PreparesEveryWeight) {
  TinyArtifact tiny;
  abi::TargetPlanT &plan = tiny.plan();
  auto last = static_cast<uint32_t>(plan.buffers.size());
  for (int copy = 1; copy < 10; ++copy) {
    auto buffer = std::make_unique<abi::BufferT>();
    buffer->storage = abi::Storage::Packed;
    buffer->shape = {{kWidth, 0}};
    buffer->size = TinyArtifact::extent(48);
    buffer->offset = TinyArtifact::extent(plan.packed_bytes);
    plan.packed_bytes += 64;
    last = static_cast<uint32_t>(plan.buffers.size());
    plan.buffers.push_back(std::move(buffer));
    auto step = TinyArtifact::step(DoubleKernel, {ParamBuffer}, last, TinyArtifact::extent(kWidth));
    tiny.function("prepare").steps.push_back(std::move(step));
  }
  tiny.function("forward_f32").steps[1]->operands[1]->buffer = last;
  auto session = Session::create(load(tiny, GetParam())).take();
  EXPECT_EQ(runOnce(*session, inputOf(3).data(), 3), expected(inputOf(3)));
}

TEST_P(CpuThreads, SessionsRunAtOnce) {
  TinyArtifact tiny;
  auto model = load(tiny, GetParam());
  std::vector<std::thread> callers;
  std::atomic<int> wrong{0};
  for (int caller = 0; caller < 4; ++caller)
    callers.emplace_back([&, caller] {
      auto session = Session::create(model).take();
      auto input = inputOf(3 + caller);
      std::vector<float> output(input.size());
      for (int round = 0; round < 50; ++round) {
        wrong += !session->run({input.data(), InputKind::F32, Layout::NHWC, 3 + caller}, output.data()).ok();
        wrong += output != expected(input);
      }
    });
  for (std::thread &caller : callers)
    caller.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Cpu, AlignedAndUnalignedInput) {
  TinyArtifact tiny;
  auto session = Session::create(load(tiny, 2)).take();
  auto memory = AlignedBuffer::allocate(4096).take();
  auto input = inputOf(4);
  for (int shift : {0, 4, 60}) {
    std::memcpy(memory.data() + shift, input.data(), input.size() * 4);
    EXPECT_EQ(runOnce(*session, memory.data() + shift, 4), expected(input));
  }
}

TEST(Cpu, TransposesNchw) {
  TinyArtifact tiny;
  auto session = Session::create(load(tiny, 2)).take();
  auto nhwc = inputOf(2);
  std::vector<float> nchw(nhwc.size());
  for (int n = 0; n < 2; ++n)
    for (int p = 0; p < 4; ++p)
      for (int c = 0; c < 3; ++c)
        nchw[n * 12 + c * 4 + p] = nhwc[n * 12 + p * 3 + c];
  EXPECT_EQ(runOnce(*session, nchw.data(), 2, InputKind::F32, Layout::NCHW), expected(nhwc));
}

static std::vector<uint8_t> pixels() {
  std::vector<uint8_t> out(2 * kWidth);
  for (size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<uint8_t>(i * 11);
  return out;
}

TEST(Cpu, PixelsThroughTheirOwnFunction) {
  TinyArtifact tiny;
  auto session = Session::create(load(tiny, 2)).take();
  auto bytes = pixels();
  EXPECT_EQ(runOnce(*session, bytes.data(), 2, InputKind::U8), expected({bytes.begin(), bytes.end()}));
}

// Without forward_u8 the runtime normalises: (x / 255 - mean) / std.
TEST(Cpu, PixelsThroughTheFloatFunction) {
  TinyArtifact tiny;
  tiny.model.input->mean = {0.5, 0.25, 0};
  tiny.model.input->std = {0.5, 1, 2};
  tiny.plan().functions.pop_back();
  auto session = Session::create(load(tiny, 2)).take();
  auto bytes = pixels();
  std::vector<float> input;
  for (size_t i = 0; i < bytes.size(); ++i) {
    static const float mean[] = {0.5f, 0.25f, 0}, std[] = {0.5f, 1, 2};
    input.push_back((static_cast<float>(bytes[i]) / 255.0f - mean[i % 3]) / std[i % 3]);
  }
  EXPECT_EQ(runOnce(*session, bytes.data(), 2, InputKind::U8), expected(input));
}

TEST(Cpu, RowStrideOfTheOutput) {
  TinyArtifact tiny;
  tiny.plan().buffers[OutputBuffer]->row_stride = 12;
  *tiny.plan().buffers[OutputBuffer]->size = {64, 48}; // kernels may touch more than the caller has: staged
  auto session = Session::create(load(tiny, 1)).take();
  EXPECT_EQ(runOnce(*session, inputOf(2).data(), 2), expected(inputOf(2)));
}

TEST(Cpu, Taps) {
  TinyArtifact tiny;
  auto session = Session::create(load(tiny, 2)).take();
  ASSERT_TRUE(session->addTap("stages.0.blocks.0").ok());
  ASSERT_TRUE(session->reserve(2).ok());
  auto input = inputOf(5);
  runOnce(*session, input.data(), 5);
  TapValue tap = session->tap(0);
  EXPECT_EQ(tap.shape, (std::vector<int64_t>{5, kWidth}));
  for (size_t i = 0; i < input.size(); ++i)
    EXPECT_EQ(tap.data[i], input[i] + 2 * static_cast<float>(i % kWidth + 1));

  Status fused = session->addTap("head.fc");
  EXPECT_EQ(fused.code(), ErrorCode::Input);
  EXPECT_NE(fused.message().find("inside a fused kernel"), std::string::npos);
  EXPECT_NE(fused.message().find("the nearest that can be tapped are `stages"), std::string::npos);
  EXPECT_NE(session->addTap("stages.1").message().find("no tensor is called `stages.1`"), std::string::npos);
  EXPECT_EQ(runOnce(*session, input.data(), 5), expected(input)) << "a refused tap changes nothing";
}

TEST(Cpu, NewWeightsReachOldSessions) {
  TinyArtifact tiny;
  auto model = load(tiny, 2, "");
  auto session = Session::create(model).take();
  auto input = inputOf(2);
  std::vector<float> output(input.size());
  Status early = session->run({input.data(), InputKind::F32, Layout::NHWC, 2}, output.data());
  EXPECT_NE(early.message().find("no weights"), std::string::npos);

  auto params = ParamStore::allocate(model->artifact().model()).take();
  ASSERT_TRUE(model->setWeights(params).ok());
  EXPECT_EQ(runOnce(*session, input.data(), 2), input);
  for (int c = 0; c < kWidth; ++c)
    static_cast<float *>(params->mutableData(0))[c] = static_cast<float>(c + 1);
  ASSERT_TRUE(model->setWeights(params).ok());
  EXPECT_EQ(runOnce(*session, input.data(), 2), expected(input));
}

TEST(Cpu, BadArguments) {
  TinyArtifact tiny;
  auto session = Session::create(load(tiny, 1)).take();
  float value = 0;
  EXPECT_FALSE(session->reserve(0).ok());
  EXPECT_FALSE(session->reserve(kMaxBatch + 1).ok());
  EXPECT_FALSE(session->run({&value, InputKind::F32, Layout::NHWC, 0}, &value).ok());
  EXPECT_FALSE(session->run({nullptr, InputKind::F32, Layout::NHWC, 1}, &value).ok());
  EXPECT_FALSE(session->run({&value, InputKind::U8, Layout::NCHW, 1}, &value).ok());
}

TEST(Cpu, ChoosesTheBestPlanTheHostRuns) {
  TinyArtifact tiny("cpu:x86-64-v3");
  tiny.addPlan("cpu:x86-64-v4");
  auto artifact = Artifact::fromBytes(ByteView(tiny.bytes())).take();
  auto targetOn = [&](IsaLevel host, const std::string &wanted = "") {
    auto plan = choosePlan(*artifact, wanted, host);
    return plan.ok() ? std::string(textOf((*plan)->target())) : std::to_string(static_cast<int>(plan.status().code()));
  };
  EXPECT_EQ(targetOn(IsaLevel::V4), "cpu:x86-64-v4");
  EXPECT_EQ(targetOn(IsaLevel::V4Bf16), "cpu:x86-64-v4");
  EXPECT_EQ(targetOn(IsaLevel::V3), "cpu:x86-64-v3");
  EXPECT_EQ(targetOn(IsaLevel::V4, "cpu:x86-64-v3"), "cpu:x86-64-v3");
  EXPECT_EQ(targetOn(IsaLevel::V4, "x86-64-v3"), "cpu:x86-64-v3");
  EXPECT_EQ(targetOn(IsaLevel::V2), "4") << "refused: the host runs none";
  EXPECT_EQ(targetOn(IsaLevel::V3, "cpu:x86-64-v4"), "4");
  EXPECT_EQ(targetOn(IsaLevel::V4, "cpu:riscv"), "2");
}

TEST(Null, ChecksAndGivesZeros) {
  TinyArtifact tiny("cpu:some-future-isa");
  auto artifact = Artifact::fromBytes(ByteView(tiny.bytes())).take();
  auto runtime = *Runtime::create(1);
  auto cpu = Model::load(runtime, artifact, {});
  EXPECT_EQ(cpu.status().code(), ErrorCode::Target);
  auto model = *Model::load(runtime, artifact, {"null", ""});
  auto session = Session::create(model).take();
  EXPECT_EQ(runOnce(*session, inputOf(2).data(), 2), std::vector<float>(2 * kWidth, 0));
  EXPECT_NE(Model::load(runtime, artifact, {"gpu9", ""}).status().message().find("unknown device `gpu9`; expected one of `cpu`"),
            std::string::npos);
}

} // namespace archrt
