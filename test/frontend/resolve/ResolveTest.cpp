//===- ResolveTest.cpp - What a resolved architecture knows ---------------===//

#include "frontend/Frontend.h"

#include <gtest/gtest.h>

using namespace archc::spec;

namespace {

constexpr const char *text = R"([arch]
edition = 1
name = "x"
input = { channels = 4, height = 8, width = 6 }
[block.conv]
activation = "gelu"
scale = { kind = "layer", init = 0.5 }
mixer = { kind = "sep_conv", kernel = 3, activation = "relu" }
channel = { kind = "mlp", ratio = 2, scale = "none" }
[block.attn]
extends = "conv"
mixer = { kind = "attention", heads = 2 }
[[stage]]
dim = 4
depth = 3
blocks = { base = "conv", alternate = "attn", count = 1 }
[[stage]]
dim = 8
depth = 1
blocks = "attn"
embed = { kind = "conv", kernel = [2, 1], stride = 2 }
)";

Architecture load(const std::vector<std::string> &sets = {}) {
  Architecture architecture;
  DiagnosticEngine diagnostics;
  EXPECT_TRUE(loadArchitecture({"x.toml", sets, text}, architecture, diagnostics)) << diagnostics.json();
  return architecture;
}

TEST(Resolve, BlocksKnowTheirPathAndTheLinesTheyComeFrom) {
  Architecture architecture = load();
  ASSERT_EQ(architecture.files, std::vector<std::string>{"x.toml"});
  const std::vector<Block> &blocks = architecture.stages[0].blocks;
  ASSERT_EQ(blocks.size(), 3u);
  EXPECT_EQ(blocks[2].path, "stages.0.blocks.2");
  EXPECT_EQ(blocks[2].use, "attn");
  EXPECT_EQ(blocks[2].blockSource.line, 10u);
  EXPECT_EQ(blocks[2].ruleSource.line, 16u);
  EXPECT_EQ(blocks[2].ruleSource.column, 39u) << "the word that put the block there";
  EXPECT_EQ(blocks[0].ruleSource.column, 19u);
  EXPECT_EQ(blocks[2].branches[0].function.source.line, 12u);
  EXPECT_EQ(blocks[2].branches[1].function.source.line, 9u) << "inherited from `conv`";
  EXPECT_EQ(architecture.stages[0].embedPath, "stem");
  EXPECT_EQ(architecture.stages[1].embedPath, "stages.1.downsample");
}

TEST(Resolve, BranchesTakeWhatTheBlockSaysUnlessTheySayOtherwise) {
  const Architecture architecture = load();
  const Block &block = architecture.stages[0].blocks[0];
  ASSERT_EQ(block.branches.size(), 2u);
  const Branch &mixer = block.branches[0], &channel = block.branches[1];
  EXPECT_EQ(mixer.function.getComponent("activation").kind, "relu");
  EXPECT_EQ(mixer.function.getComponent("second_activation").kind, "identity") << "not the block's: it is another key";
  EXPECT_EQ(channel.function.getComponent("activation").kind, "gelu");
  EXPECT_EQ(mixer.scale.kind, "layer");
  EXPECT_EQ(mixer.scale.getFloat("init"), 0.5);
  EXPECT_EQ(channel.scale.kind, "none");
  EXPECT_EQ(mixer.norm.kind, "none");
  EXPECT_EQ(mixer.order, "pre_norm");
}

TEST(Resolve, StagesKnowTheirMap) {
  Architecture architecture = load();
  EXPECT_EQ(architecture.stages[0].height, 8);
  EXPECT_EQ(architecture.stages[0].width, 6);
  EXPECT_EQ(architecture.stages[1].height, 4);
  EXPECT_EQ(architecture.stages[1].width, 3);
  EXPECT_EQ(architecture.stages[1].embed.getPair("kernel"), (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(architecture.stages[1].embed.getPair("stride"), (std::vector<int64_t>{2, 2}));
}

TEST(Resolve, SetWinsAndIsAFileOfItsOwn) {
  Architecture architecture = load({"block.conv.mixer.kernel=5", "stage.1.depth=4", "arch.preprocess.mean=[0, 0, 0, 0]"});
  EXPECT_EQ(architecture.stages[0].blocks.size(), 4u);
  const Value *kernel = architecture.stages[0].blocks[0].branches[0].function.find("kernel");
  EXPECT_EQ(std::get<int64_t>(kernel->data), 5);
  EXPECT_EQ(architecture.files.at(kernel->source.file), "--set");
  EXPECT_EQ(architecture.preprocess.mean, std::vector<double>(4, 0.0));
  EXPECT_EQ(architecture.preprocess.std, std::vector<double>(4, 0.5));
}

} // namespace
