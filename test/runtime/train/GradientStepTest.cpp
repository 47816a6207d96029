//===- GradientStepTest.cpp - What a step binds, prepares and writes ------===//

#include "runtime/train/GradientStep.h"
#include "test/runtime/TinyArtifact.h"

#include <functional>
#include <gtest/gtest.h>

namespace archrt::train {
using namespace test;

static std::shared_ptr<const Artifact> load(TinyArtifact &tiny) {
  auto artifact = Artifact::fromBytes(ByteView(tiny.bytes()));
  EXPECT_TRUE(artifact.ok()) << artifact.status().message();
  return artifact.ok() ? artifact.take() : nullptr;
}

TEST(ParamLayout, HoldsTrainableParametersAtWholeLines) {
  TinyArtifact tiny;
  for (abi::Role role : {abi::Role::Buffer, abi::Role::Trainable}) {
    auto param = std::make_unique<abi::ParamT>(*tiny.model.params[0]);
    param->name += std::to_string(static_cast<int>(role));
    param->role = role;
    tiny.model.params.push_back(std::move(param));
  }
  ParamLayout layout = ParamLayout::of(load(tiny)->model());
  ASSERT_EQ(layout.entries.size(), 2u);
  EXPECT_EQ(layout.entries[1].param, 2u);
  EXPECT_EQ(layout.entries[1].offset, 16);
  EXPECT_EQ(layout.entries[1].size, kWidth);
  EXPECT_EQ(layout.total, 32);
}

/// Runs two images through the tiny step; `shift` moves the caller's memory off the alignment that kernels want.
static void checkStep(size_t shift) {
  TinyArtifact tiny;
  tiny.addTraining();
  std::shared_ptr<const Artifact> artifact = load(tiny);
  auto pool = ThreadPool::create(2);
  auto step = createGradientStep(artifact, **pool, "cpu", "");
  ASSERT_TRUE(step.ok()) << step.status().message();
  ASSERT_TRUE((*step)->reserve(2).ok());
  auto params = ParamStore::allocate(artifact->model());
  auto memory = AlignedBuffer::allocate(1024);
  float *images = memory->as<float>() + shift, *targets = images + 32, *losses = targets + 32, *logits = losses + 32,
        *gradients = logits + 32;
  for (int i = 0; i < 2 * kWidth; ++i) {
    images[i] = static_cast<float>(i);
    targets[i] = static_cast<float>(100 + i);
  }
  gradients[kWidth] = 7; // between parameters
  for (int round = 1; round <= 2; ++round) {
    for (int c = 0; c < kWidth; ++c)
      static_cast<float *>((*params)->mutableData(0))[c] = static_cast<float>(round * (c + 1));
    ASSERT_TRUE((*step)->setParameters(*params).ok());
    ASSERT_TRUE((*step)->run({images, targets, nullptr, 2}, {gradients, losses, logits}).ok());
    EXPECT_EQ(losses[0], 200);
    EXPECT_EQ(losses[1], 202);
    for (int i = 0; i < 2 * kWidth; ++i)
      EXPECT_EQ(logits[i], i + 2 * round * (i % kWidth + 1));
    for (int c = 0; c < kWidth; ++c)
      EXPECT_EQ(gradients[c], 4 * round * (c + 1));
    EXPECT_EQ(gradients[kWidth], 0);
  }
}

TEST(GradientStep, WritesIntoTheCallersMemory) { checkStep(0); }
TEST(GradientStep, CopiesWhatIsNotAligned) { checkStep(1); }

TEST(GradientStep, NeedsParametersFirst) {
  TinyArtifact tiny;
  tiny.addTraining();
  auto pool = ThreadPool::create(1);
  auto step = createGradientStep(load(tiny), **pool, "cpu", "");
  ASSERT_TRUE(step.ok() && (*step)->reserve(1).ok());
  EXPECT_EQ((*step)->run({nullptr, nullptr, nullptr, 1}, {}).message(), "the step has no parameters; set them before running");
}

TEST(GradientStep, SaysWhatIsMissing) {
  TinyArtifact tiny;
  auto pool = ThreadPool::create(1);
  EXPECT_EQ(createGradientStep(load(tiny), **pool, "cpu", "").status().message(),
            "the artifact has no training step; compile it with `--train`");
  tiny.addTraining();
  EXPECT_EQ(createGradientStep(load(tiny), **pool, "gpu", "").status().message(),
            "unknown device `gpu`; expected `cpu`, `reference` or `reference-f32`");
}

struct BadStep {
  const char *name, *message;
  std::function<void(TinyArtifact &)> change;
};

class GradientStepBad : public testing::TestWithParam<BadStep> {};

TEST_P(GradientStepBad, IsRefused) {
  TinyArtifact tiny;
  tiny.addTraining();
  GetParam().change(tiny);
  auto artifact = Artifact::fromBytes(ByteView(tiny.bytes()));
  ASSERT_FALSE(artifact.ok());
  EXPECT_NE(artifact.status().message().find(GetParam().message), std::string::npos) << artifact.status().message();
}

static abi::FunctionT &graph(TinyArtifact &tiny) { return *tiny.model.functions.back(); }

INSTANTIATE_TEST_SUITE_P(
    Tables, GradientStepBad,
    testing::Values(
        BadStep{"GraphInputs", "it has 1 inputs", [](TinyArtifact &t) { graph(t).inputs.pop_back(); }},
        BadStep{"GraphFactors", "it has factors of branches and of features, but drops no branch",
                [](TinyArtifact &t) {
                  for (int i = 0; i < 2; ++i) {
                    graph(t).inputs.push_back(static_cast<uint32_t>(graph(t).values.size()));
                    graph(t).values.push_back(std::make_unique<archrt::abi::TensorTypeT>(*graph(t).values[1]));
                  }
                }},
        BadStep{"GraphTargets", "it does not take images, targets",
                [](TinyArtifact &t) {
                  graph(t).values[1]->shape[1] = {11, 0};
                }},
        BadStep{"GraphOutputs", "expected two more", [](TinyArtifact &t) { graph(t).gradient_of.clear(); }},
        BadStep{"GraphParam", "does not exist or is named twice", [](TinyArtifact &t) { graph(t).gradient_of = {3}; }},
        BadStep{"GraphShape", "is no gradient of `w`",
                [](TinyArtifact &t) {
                  graph(t).values[4]->shape = {{13, 0}};
                }},
        BadStep{"GraphRole", "is no gradient of `w`", [](TinyArtifact &t) { t.model.params[0]->role = abi::Role::Frozen; }},
        BadStep{"NoGraph", "the model has no graph `grad`", [](TinyArtifact &t) { t.model.functions.pop_back(); }},
        BadStep{"Inputs", "has 1 bound input buffers; expected 2", [](TinyArtifact &t) { t.function("grad").inputs.pop_back(); }},
        BadStep{"InputTwice", "or named twice",
                [](TinyArtifact &t) { t.function("grad").inputs[1] = t.function("grad").inputs[0]; }},
        BadStep{"InputOrder", "not that of the model's input",
                [](TinyArtifact &t) { std::swap(t.function("grad").inputs[0], t.function("grad").inputs[1]); }},
        BadStep{"OtherInput", "not the function's own",
                [](TinyArtifact &t) { t.function("grad").steps[1]->operands[0]->buffer = PixelBuffer; }},
        BadStep{"NoGradient", "it writes 0 gradients; expected the 1",
                [](TinyArtifact &t) { t.function("grad").steps.pop_back(); }},
        BadStep{"GradientInForward", "a buffer of storage `Gradient`",
                [](TinyArtifact &t) {
                  t.function("forward_f32").steps[0]->operands[2]->buffer = static_cast<uint32_t>(t.plan().buffers.size() - 1);
                }},
        BadStep{"Packed", "outside the 0 bytes of packed weights", [](TinyArtifact &t) { t.plan().grad_packed_bytes = 0; }}),
    [](const testing::TestParamInfo<BadStep> &info) { return std::string(info.param.name); });

} // namespace archrt::train
