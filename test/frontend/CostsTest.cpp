//===- CostsTest.cpp - Names, order and sums over an architecture ---------===//

#include "frontend/cost/Costs.h"
#include "frontend/components/ComponentKind.h"
#include "frontend/components/KeyRows.h"

#include <gtest/gtest.h>

#include <cctype>
#include <fstream>

using namespace archc::spec;

namespace {

Component make(Slot slot, const std::string &kind, std::vector<std::pair<std::string, Value>> keys = {}) {
  Component component;
  component.kind = kind;
  component.keys = std::move(keys);
  return withDefaults(slot, component);
}

Branch branch(const std::string &name, const Component &function, const Component &scale) {
  Branch result;
  result.name = name;
  result.order = "pre_norm";
  result.function = function;
  result.norm = make(Slot::Norm, "layer_norm", {{"affine", stringValue("scale")}});
  result.scale = scale;
  return result;
}

Block block(const std::string &path, const Component &mixer, const Component &scale) {
  Block result;
  result.path = path;
  result.branches = {branch("mixer", mixer, scale), branch("channel", make(Slot::Channel, "mlp"), scale)};
  return result;
}

/// One stage of 6x6 with two blocks of the given mixers.
Architecture twoBlocks(const Component &first, const Component &second, const Component &scale) {
  Architecture architecture;
  architecture.classes = 10;
  architecture.input = {3, 24, 24};
  Stage stage;
  stage.dim = 8;
  stage.height = stage.width = 6;
  stage.embedPath = "stem";
  stage.embed = make(Slot::Embed, "conv", {{"kernel", pairValue(4, 4)}, {"stride", pairValue(4, 4)}});
  stage.position = make(Slot::Position, "none");
  stage.blocks = {block("stages.0.blocks.0", first, scale), block("stages.0.blocks.1", second, scale)};
  architecture.stages = {stage};
  architecture.head.order = "pool_norm";
  architecture.head.pool = "avg";
  architecture.head.norm = make(Slot::Norm, "layer_norm");
  architecture.head.classifier = make(Slot::Classifier, "linear");
  computeCosts(architecture);
  return architecture;
}

std::vector<int64_t> shapeOf(const Architecture &architecture, const std::string &name) {
  for (const ParamDecl &param : allParameters(architecture))
    if (param.name == name)
      return param.shape;
  ADD_FAILURE() << name << " is missing";
  return {};
}

// Functions, because kinds are registered while statics initialise.
Component attention() { return make(Slot::Mixer, "attention", {{"heads", intValue(2)}}); }
Component identity() { return make(Slot::Mixer, "identity"); }
Component noScale() { return make(Slot::Scale, "none"); }

TEST(Costs, NamesFollowTheStateDict) {
  Architecture architecture = twoBlocks(identity(), attention(), make(Slot::Scale, "branch"));
  std::string names;
  for (const ParamDecl &param : allParameters(architecture))
    if (param.name.find("blocks.0") == std::string::npos)
      names += param.name + " ";
  EXPECT_EQ(names,
            "stem.conv.weight stem.conv.bias stages.0.blocks.1.norm1.weight stages.0.blocks.1.token_mixer.qkv.weight "
            "stages.0.blocks.1.token_mixer.proj.weight stages.0.blocks.1.layer_scale1.scale stages.0.blocks.1.res_scale1.scale "
            "stages.0.blocks.1.norm2.weight stages.0.blocks.1.mlp.fc1.weight stages.0.blocks.1.mlp.act.scale "
            "stages.0.blocks.1.mlp.act.bias stages.0.blocks.1.mlp.fc2.weight stages.0.blocks.1.layer_scale2.scale "
            "stages.0.blocks.1.res_scale2.scale head.norm.weight head.norm.bias head.fc.weight head.fc.bias ");
}

// One mixer on a map is enough to keep the whole stage on maps, as in timm.
TEST(Costs, MlpWeightsAreMatricesInStagesOfAttentionOnly) {
  using Extents = std::vector<int64_t>;
  Architecture tokens = twoBlocks(attention(), attention(), noScale());
  EXPECT_EQ(shapeOf(tokens, "stages.0.blocks.0.mlp.fc1.weight"), (Extents{32, 8}));
  EXPECT_EQ(shapeOf(tokens, "stages.0.blocks.1.mlp.fc2.weight"), (Extents{8, 32}));
  Architecture mixed = twoBlocks(attention(), identity(), noScale());
  EXPECT_EQ(shapeOf(mixed, "stages.0.blocks.0.mlp.fc1.weight"), (Extents{32, 8, 1, 1}));
  EXPECT_EQ(shapeOf(mixed, "stages.0.blocks.0.token_mixer.qkv.weight"), (Extents{24, 8}));
}

TEST(Costs, SumsOverTheModel) {
  Architecture architecture = twoBlocks(identity(), make(Slot::Mixer, "random"), noScale());
  Totals totals = totalsOf(architecture);
  int64_t blocks = 2 * (2 * 8 + 2 * 8 * 32 + 2), frozen = 36 * 36;
  EXPECT_EQ(totals.trainableParams, 3 * 16 * 8 + 8 + blocks + 2 * 8 + 8 * 10 + 10);
  EXPECT_EQ(totals.params, totals.trainableParams + frozen);
  EXPECT_EQ(totals.cost.macs, 36 * 8 * 48 + 2 * 36 * 2 * 8 * 32 + 36 * 36 * 8 + 80);
  EXPECT_EQ(totals.cost.activations, 36 * 8 + 2 * 36 * 40 + 36 * 8 + 10);
  EXPECT_EQ(totals.flops(), 2 * totals.cost.macs + totals.cost.pointwise);
  int64_t perBlock = 2 * 36 * 8 * 5 + 2 * 36 * 8 + 4 * 36 * 32; // norms, adds, activation
  EXPECT_EQ(totals.cost.pointwise, 36 * 8 + 2 * perBlock + 36 * 8 + 5 * 8 + 10);
}

TEST(Costs, BuffersAreNamedButNotCounted) {
  Architecture architecture = twoBlocks(identity(), identity(), noScale());
  int64_t before = totalsOf(architecture).params;
  architecture.head.norm = make(Slot::Norm, "batch_norm");
  computeCosts(architecture);
  EXPECT_EQ(totalsOf(architecture).params, before);
  EXPECT_EQ(shapeOf(architecture, "head.norm.running_var"), std::vector<int64_t>{8});
}

TEST(Costs, WithoutClassesThereIsNoClassifier) {
  Architecture architecture = twoBlocks(identity(), identity(), noScale());
  architecture.classes = 0;
  computeCosts(architecture);
  EXPECT_EQ(allParameters(architecture).back().name, "head.norm.bias");
}

// `name` -> operations without affine part or at defaults, from the rows of docs/counting.md.
TEST(Costs, TheDocumentedPointwiseWorkIsTheCountedOne) {
  std::ifstream file(std::string(ARCHC_SOURCE_DIR) + "/docs/counting.md");
  std::string line;
  int compared = 0;
  while (std::getline(file, line)) {
    size_t bar = line.find(" | ");
    if (line.rfind("| `", 0) != 0 || !std::isdigit(line[bar + 3]))
      continue;
    for (size_t open = line.find('`'); open < bar; open = line.find('`', line.find('`', open + 1) + 1)) {
      std::string name = line.substr(open + 1, line.find('`', open + 1) - open - 1);
      Slot slot = findKind(Slot::Activation, name) ? Slot::Activation : Slot::Norm;
      EXPECT_EQ(costOf(slot, make(slot, name), {1, 1, 1}).pointwise, std::stoi(line.substr(bar + 3))) << name;
      ++compared;
    }
  }
  EXPECT_EQ(compared, 13) << "every norm and activation has its row";
}

} // namespace
