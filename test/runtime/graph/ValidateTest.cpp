//===- ValidateTest.cpp - Tables that cannot be run are refused at load ---===//

#include "runtime/graph/Artifact.h"
#include "test/runtime/TinyArtifact.h"

#include <chrono>
#include <functional>
#include <gtest/gtest.h>

namespace archrt {
using namespace test;

static std::string errorOf(TinyArtifact &tiny) {
  auto artifact = Artifact::fromBytes(ByteView(tiny.bytes()));
  return artifact.ok() ? "" : artifact.status().message();
}

TEST(Validate, TheTinyArtifactIsGood) {
  TinyArtifact tiny;
  EXPECT_EQ(errorOf(tiny), "");
}

struct BadTable {
  const char *name, *message;
  std::function<void(TinyArtifact &)> change;
};

class ValidateBad : public testing::TestWithParam<BadTable> {};

TEST_P(ValidateBad, IsRefused) {
  TinyArtifact tiny;
  GetParam().change(tiny);
  EXPECT_NE(errorOf(tiny).find(GetParam().message), std::string::npos) << errorOf(tiny);
}

static abi::StepT &step(TinyArtifact &tiny, int index) { return *tiny.function("forward_f32").steps[index]; }
static abi::BufferT &buffer(TinyArtifact &tiny, int index) { return *tiny.plan().buffers[index]; }

/// Appends a function that calls function `callee` so many times; returns its index.
static int addCaller(TinyArtifact &tiny, int callee, int times) {
  auto function = std::make_unique<abi::PlanFunctionT>();
  function->name = "caller_of_" + std::to_string(callee);
  function->arena_bytes = TinyArtifact::extent(0);
  for (int i = 0; i < times; ++i) {
    function->steps.push_back(TinyArtifact::step(0, {}, 0, TinyArtifact::extent(1)));
    function->steps.back()->call = callee;
  }
  tiny.plan().functions.push_back(std::move(function));
  return static_cast<int>(tiny.plan().functions.size()) - 1;
}

/// Seven levels of ten calls and no step to run.
static void addManyCalls(TinyArtifact &tiny) {
  int callee = addCaller(tiny, 0, 0);
  for (int level = 0; level < 7; ++level)
    callee = addCaller(tiny, callee, 10);
  step(tiny, 0).call = callee;
}

INSTANTIATE_TEST_SUITE_P(
    Plans, ValidateBad,
    testing::Values(
        BadTable{"Kernel", "names kernel 9", [](TinyArtifact &t) { step(t, 0).kernel = 9; }},
        BadTable{"KernelOutside", "lies outside the 153 bytes of code", [](TinyArtifact &t) { t.plan().kernels[0]->offset = 150; }},
        BadTable{"KernelOverflow", "lies outside", [](TinyArtifact &t) { t.plan().kernels[0]->offset = ~uint64_t(0) - 10; }},
        BadTable{"Buffer", "names buffer 77", [](TinyArtifact &t) { step(t, 1).operands[0]->buffer = 77; }},
        BadTable{"Need", "unknown access or need", [](TinyArtifact &t) { step(t, 1).operands[0]->need = static_cast<abi::Need>(1); }},
        BadTable{"WriteInput", "writes a buffer of storage `Input`", [](TinyArtifact &t) { step(t, 0).operands[0]->access = abi::Access::Write; }},
        BadTable{"WritePacked", "writes a buffer of storage `Packed`", [](TinyArtifact &t) { step(t, 0).operands[1]->access = abi::Access::Write; }},
        BadTable{"ReadParam", "reads a buffer of storage `Param`", [](TinyArtifact &t) { step(t, 0).operands[1]->buffer = ParamBuffer; }},
        BadTable{"ReadBeforeWrite", "before anything wrote it",
                 [](TinyArtifact &t) { step(t, 0).operands[0]->buffer = WideBuffer; }},
        BadTable{"HalfWritten", "before anything wrote it",
                 [](TinyArtifact &t) {
                   *buffer(t, WideBuffer).offset = {0, 0};
                   *buffer(t, WideBuffer).size = {0, 128};
                   step(t, 1).operands[0]->buffer = WideBuffer;
                 }},
        BadTable{"NoOutput", "nothing writes the output", [](TinyArtifact &t) { step(t, 1).operands[2]->buffer = WideBuffer; }},
        BadTable{"Arena", "lies outside the function's arena",
                 [](TinyArtifact &t) { t.function("forward_f32").arena_bytes = TinyArtifact::extent(0, 32); }},
        BadTable{"ArenaForLargeBatches", "lies outside the function's arena",
                 [](TinyArtifact &t) { t.function("forward_f32").arena_bytes = TinyArtifact::extent(4096, 0); }},
        BadTable{"Alignment", "expected multiples of 64", [](TinyArtifact &t) { *buffer(t, HiddenBuffer).offset = {4, 0}; }},
        BadTable{"Negative", "expected numbers from 0", [](TinyArtifact &t) { *buffer(t, HiddenBuffer).size = {-1, 0}; }},
        BadTable{"Packed", "of packed weights", [](TinyArtifact &t) { t.plan().packed_bytes = 16; }},
        BadTable{"Shape", "expected at least", [](TinyArtifact &t) { *buffer(t, HiddenBuffer).size = {0, 40}; }},
        BadTable{"Stride", "row stride is 8", [](TinyArtifact &t) { buffer(t, HiddenBuffer).row_stride = 8; }},
        BadTable{"InputShape", "the input of `forward` is not", [](TinyArtifact &t) { t.model.input->height = 3; }},
        BadTable{"OutputShape", "the output of `forward` is not", [](TinyArtifact &t) { t.model.classes = 13; }},
        BadTable{"InputBuffer", "not that of the model's input",
                 [](TinyArtifact &t) { buffer(t, InputBuffer).shape = {{0, 1}, {2, 0}, {6, 0}}; }},
        BadTable{"OutputBuffer", "not that of the model's output",
                 [](TinyArtifact &t) { buffer(t, OutputBuffer).shape = {{0, 1}, {11, 0}}; }},
        BadTable{"Param", "names parameter 5", [](TinyArtifact &t) { buffer(t, ParamBuffer).param = 5; }},
        BadTable{"ParamSize", "does not fit the parameter `w`", [](TinyArtifact &t) { *buffer(t, ParamBuffer).size = {400, 0}; }},
        BadTable{"Storage", "unknown storage", [](TinyArtifact &t) { buffer(t, HiddenBuffer).storage = static_cast<abi::Storage>(9); }},
        BadTable{"Dtype", "unknown dtype", [](TinyArtifact &t) { buffer(t, HiddenBuffer).dtype = static_cast<abi::DType>(9); }},
        BadTable{"Axis", "unknown kind of axis", [](TinyArtifact &t) { step(t, 0).axis->kind = static_cast<abi::AxisKind>(9); }},
        BadTable{"AxisExtent", "the extent of its axis", [](TinyArtifact &t) { *step(t, 0).axis->extent = {-1, 0}; }},
        BadTable{"Scratch", "bytes of scratch", [](TinyArtifact &t) { step(t, 0).scratch = uint64_t(1) << 40; }},
        BadTable{"Op", "names op 9", [](TinyArtifact &t) { step(t, 0).ops = {9}; }},
        BadTable{"TapCount", "expected as many", [](TinyArtifact &t) { step(t, 0).tap_buffers.clear(); }},
        BadTable{"TapShape", "another shape", [](TinyArtifact &t) { step(t, 0).taps = {0}; }},
        BadTable{"TapElsewhere", "a buffer that the step does not write", [](TinyArtifact &t) { step(t, 0).tap_buffers = {WideBuffer}; }},
        BadTable{"FeatureWidth", "not that of the model's output",
                 [](TinyArtifact &t) {
                   t.model.classes = 0;
                   buffer(t, OutputBuffer).shape = {{0, 1}, {13, 0}};
                   *buffer(t, OutputBuffer).size = {0, 52};
                 }},
        BadTable{"Location", "location out of range", [](TinyArtifact &t) { step(t, 0).location = 99; }},
        BadTable{"Recursion", "calls itself", [](TinyArtifact &t) { step(t, 0).call = 1; }},
        BadTable{"NeverCalled", "is neither called nor one of", [](TinyArtifact &t) { addCaller(t, 0, 1); }},
        BadTable{"CalledByNobodyWhoRuns", "is neither called nor one of",
                 [](TinyArtifact &t) {
                   int first = addCaller(t, 0, 0);
                   addCaller(t, first, 1);
                 }},
        BadTable{"ManyCalls", "runs more than 1000000 steps", addManyCalls},
        BadTable{"Call", "calls function 9", [](TinyArtifact &t) { step(t, 0).call = 9; }},
        BadTable{"NoForward", "no function `forward_f32`", [](TinyArtifact &t) { t.function("forward_f32").name = "other"; }},
        BadTable{"Code", "expected a CODE section", [](TinyArtifact &t) { t.plan().code_section = 2; }},
        BadTable{"PrepareBatch", "depends on the batch",
                 [](TinyArtifact &t) { *t.function("prepare").steps[0]->axis->extent = {0, 1}; }},
        BadTable{"RegionAxis", "not a multiple of the batch",
                 [](TinyArtifact &t) {
                   step(t, 0).region = 1;
                   *step(t, 0).axis->extent = {1, 0};
                 }},
        BadTable{"RegionMemory", "share memory",
                 [](TinyArtifact &t) {
                   step(t, 0).region = step(t, 1).region = 1;
                   *buffer(t, WideBuffer).offset = {0, 0};
                   step(t, 1).operands[1]->buffer = WideBuffer;
                 }}),
    [](const testing::TestParamInfo<BadTable> &info) { return std::string(info.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Models, ValidateBad,
    testing::Values(BadTable{"Classes", "labels; expected 12", [](TinyArtifact &t) { t.model.labels = {"one"}; }},
                    BadTable{"Input", "expected sizes from 1", [](TinyArtifact &t) { t.model.input->channels = 0; }},
                    BadTable{"NoInput", "no input description", [](TinyArtifact &t) { t.model.input.reset(); }},
                    BadTable{"Std", "not usable",
                             [](TinyArtifact &t) {
                               t.model.input->std = {1, 0, 1};
                             }},
                    BadTable{"ParamShape", "not positive or too large", [](TinyArtifact &t) { t.model.params[0]->shape = {-4}; }},
                    BadTable{"ParamOverflow", "not positive or too large",
                             [](TinyArtifact &t) {
                               t.model.params[0]->shape = {int64_t(1) << 39, int64_t(1) << 39};
                             }},
                    BadTable{"UndefinedOperand", "not defined before it is used",
                             [](TinyArtifact &t) {
                               t.model.functions[0]->ops[1]->operands = {0, 3};
                             }},
                    BadTable{"DefinedTwice", "defined twice",
                             [](TinyArtifact &t) { t.model.functions[0]->ops[1]->results = {0}; }},
                    BadTable{"ParamName", "names no parameter",
                             [](TinyArtifact &t) { t.model.functions[0]->ops[0]->attributes[0]->s = "q"; }},
                    BadTable{"ParamType", "another shape than the parameter",
                             [](TinyArtifact &t) {
                               t.model.functions[0]->values[1]->shape = {{11, 0}};
                             }},
                    BadTable{"ParamDtype", "is not of f32", [](TinyArtifact &t) { t.model.params[0]->dtype = abi::DType::U8; }},
                    BadTable{"Crop", "crop fraction is", [](TinyArtifact &t) { t.model.input->crop_pct = 1e-300; }},
                    BadTable{"Output", "is never defined", [](TinyArtifact &t) { t.model.functions[0]->outputs = {8}; }},
                    BadTable{"InputType", "the input of `forward` is not",
                             [](TinyArtifact &t) {
                               t.model.functions[0]->values[0]->shape[1] = {3, 0};
                             }},
                    BadTable{"OutputType", "the output of `forward` is not",
                             [](TinyArtifact &t) {
                               t.model.functions[0]->values[3]->shape = {{0, 1}, {2, 0}, {6, 0}};
                             }},
                    BadTable{"NoForward", "no function `forward`", [](TinyArtifact &t) { t.model.functions[0]->name = "f"; }}),
    [](const testing::TestParamInfo<BadTable> &info) { return std::string(info.param.name); });

TEST(Validate, TheTinyArtifactOfAGpuIsGood) {
  TinyArtifact tiny;
  tiny.makeGpu("cuda:sm_90a", {abi::GpuCodeKind::Ptx, abi::GpuCodeKind::Cubin, abi::GpuCodeKind::Emulation});
  auto artifact = Artifact::fromBytes(ByteView(tiny.bytes()));
  ASSERT_TRUE(artifact.ok()) << artifact.status().message();
  const abi::TargetPlan &plan = *(*artifact)->plans()[0];
  EXPECT_TRUE(isGpuPlan(plan));
  EXPECT_TRUE((*artifact)->code(plan).empty());
  EXPECT_EQ((*artifact)->gpuCode(plan, abi::GpuCodeKind::Cubin).text(), tinyPtx());
}

class ValidateBadGpu : public testing::TestWithParam<BadTable> {};

TEST_P(ValidateBadGpu, IsRefused) {
  TinyArtifact tiny;
  tiny.makeGpu();
  GetParam().change(tiny);
  EXPECT_NE(errorOf(tiny).find(GetParam().message), std::string::npos) << errorOf(tiny);
}

static abi::LaunchT &launch(TinyArtifact &tiny) { return *tiny.plan().kernels[AddRowKernel]->launch; }

INSTANTIATE_TEST_SUITE_P(
    GpuPlans, ValidateBadGpu,
    testing::Values(
        BadTable{"NoLaunch", "kernel `add_row`: has no launch",
                 [](TinyArtifact &t) { t.plan().kernels[AddRowKernel]->launch = nullptr; }},
        BadTable{"LaunchWithoutGpuCode", "kernel `double`: has a launch, which only kernels of a plan with GPU code have",
                 [](TinyArtifact &t) {
                   t.plan().gpu_code.clear();
                   t.plan().target = "cpu:x86-64";
                 }},
        BadTable{"GpuCodeForACpu", "it has GPU code; expected", [](TinyArtifact &t) { t.plan().target = "cpu:x86-64"; }},
        BadTable{"NativeCodeForAGpu", "it has no GPU code; expected", [](TinyArtifact &t) { t.plan().gpu_code.clear(); }},
        BadTable{"NoThreads", "has 0 threads; expected a multiple of 32 up to 1024",
                 [](TinyArtifact &t) { launch(t).threads = 0; }},
        BadTable{"HalfAWarp", "has 48 threads", [](TinyArtifact &t) { launch(t).threads = 48; }},
        BadTable{"ManyThreads", "has 1056 threads", [](TinyArtifact &t) { launch(t).threads = 1056; }},
        BadTable{"NoIterations", "has 0 iterations to a thread block", [](TinyArtifact &t) { launch(t).block = 0; }},
        BadTable{"ManyIterations", "iterations to a thread block; expected 1 to",
                 [](TinyArtifact &t) { launch(t).block = ~uint64_t(0); }},
        BadTable{"Shared", "has 232449 bytes of shared memory; expected at most 232448",
                 [](TinyArtifact &t) { launch(t).shared = 232449; }},
        BadTable{"SharedOverflow", "bytes of shared memory", [](TinyArtifact &t) { launch(t).shared = uint64_t(1) << 33; }},
        BadTable{"NoName", "has no name that an entry could have", [](TinyArtifact &t) { t.plan().kernels[0]->name = ""; }},
        BadTable{"ZeroInName", "has no name that an entry could have",
                 [](TinyArtifact &t) { t.plan().kernels[0]->name = std::string("a\0b", 3); }},
        BadTable{"Scratch", "asks for 64 bytes of scratch, which kernels of a GPU do not have",
                 [](TinyArtifact &t) { step(t, 0).scratch = 64; }},
        BadTable{"SectionOutside", "refers to section 99; expected a CODE section",
                 [](TinyArtifact &t) { t.plan().gpu_code[0]->section = 99; }},
        BadTable{"SectionOfTables", "refers to section 3; expected a CODE section",
                 [](TinyArtifact &t) { t.plan().gpu_code[0]->section = 3; }},
        BadTable{"Kind", "GPU code of kind 7, which is unknown or there twice",
                 [](TinyArtifact &t) { t.plan().gpu_code[0]->kind = static_cast<abi::GpuCodeKind>(7); }},
        BadTable{"KindTwice", "GPU code of kind 0, which is unknown or there twice", [](TinyArtifact &t) { t.makeGpu(); }}),
    [](const testing::TestParamInfo<BadTable> &info) { return std::string(info.param.name); });

/// `count` steps in a row, each reading what the last one wrote, under the same name or under another one of the same place.
static void addChain(TinyArtifact &tiny, int count, bool otherNames) {
  auto addRows = [&](int place) {
    tiny.plan().buffers.push_back(std::make_unique<abi::BufferT>(buffer(tiny, HiddenBuffer)));
    *tiny.plan().buffers.back()->offset = {0, 64 * int64_t(place)};
    return static_cast<uint32_t>(tiny.plan().buffers.size() - 1);
  };
  auto &steps = tiny.function("forward_f32").steps;
  auto last = std::move(steps.back());
  steps.pop_back();
  uint32_t read = HiddenBuffer;
  for (int i = 0; i < count; ++i) {
    uint32_t written = addRows(i + 1);
    steps.push_back(TinyArtifact::step(AddRowKernel, {read, PackedBuffer}, written, TinyArtifact::extent(0, 1)));
    read = otherNames ? addRows(i + 1) : written;
  }
  last->operands[0]->buffer = read;
  steps.push_back(std::move(last));
  tiny.function("forward_f32").arena_bytes = TinyArtifact::extent(0, 64 * int64_t(count + 1));
}

static double secondsToCheck(TinyArtifact &tiny) {
  std::string bytes = tiny.bytes();
  auto begin = std::chrono::steady_clock::now();
  auto artifact = Artifact::fromBytes(ByteView(bytes));
  EXPECT_TRUE(artifact.ok()) << artifact.status().message();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// A hostile file must not keep a server busy: with work for each pair of steps and buffers these would take minutes.
TEST(Validate, LargePlansTakeMoments) {
  TinyArtifact renamed, region;
  addChain(renamed, 100'000, /*otherNames=*/true);
  EXPECT_LT(secondsToCheck(renamed), 10);
  addChain(region, 100'000, /*otherNames=*/false);
  for (auto &step : region.function("forward_f32").steps)
    step->region = 1;
  EXPECT_LT(secondsToCheck(region), 10);
}

// A thousand calls of a step with very many operands are as much work as very many steps.
TEST(Validate, ManyOperandsThroughCallsAreRefused) {
  TinyArtifact tiny;
  int wide = addCaller(tiny, 0, 0);
  auto &steps = tiny.plan().functions[wide]->steps;
  steps.push_back(
      TinyArtifact::step(AddRowKernel, std::vector<uint32_t>(20'000, InputBuffer), WideBuffer, TinyArtifact::extent(0, 1)));
  step(tiny, 0).call = addCaller(tiny, wide, 1000);
  EXPECT_NE(errorOf(tiny).find("have more than 16000000 operands"), std::string::npos) << errorOf(tiny);
}

// Damage inside a section whose hash was repaired must never crash; most of it is found.
class ValidateFlipped : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Gpu, ValidateFlipped, testing::Bool());

TEST_P(ValidateFlipped, BytesBehindRepairedHashes) {
  TinyArtifact tiny;
  if (GetParam())
    tiny.makeGpu();
  std::string bytes = tiny.bytes();
  auto sections = readContainer(ByteView(bytes));
  ASSERT_TRUE(sections.ok());
  for (size_t s = 0; s < sections->size(); ++s)
    for (size_t i = 0; i < (*sections)[s].bytes.size; i += 3) {
      std::string bad = bytes;
      bad[(*sections)[s].offset + i] ^= 0x41;
      auto artifact = Artifact::fromBytes(ByteView(bad), HashCheck::Off);
      EXPECT_TRUE(artifact.ok() || artifact.status().code() == ErrorCode::Input);
    }
}

} // namespace archrt
