//===- SpecGeneratorTest.cpp - Generated specs are valid and cover --------===//

#include "test/e2e/generate/SpecGenerator.h"

#include "frontend/Frontend.h"
#include "frontend/components/ComponentKind.h"
#include "frontend/print/Expand.h"
#include "test/e2e/generate/CoveringArray.h"

#include <gtest/gtest.h>

#include <sstream>

using namespace archc;
using namespace archc::test;

namespace {

constexpr uint64_t kRandomSpecs = 500;

/// An architecture, or what is wrong with its spec.
struct Loaded {
  spec::Architecture architecture;
  std::string errors;
};

Loaded load(const std::string &text) {
  Loaded loaded;
  spec::DiagnosticEngine diagnostics;
  spec::LoadOptions options;
  options.spec = "generated.toml", options.text = text;
  if (!spec::loadArchitecture(options, loaded.architecture, diagnostics)) {
    std::ostringstream out;
    diagnostics.print(out);
    loaded.errors = out.str() + text;
  }
  return loaded;
}

void expectSmall(const spec::Architecture &architecture) {
  EXPECT_LE(architecture.input.height, 40);
  EXPECT_LE(architecture.input.width, 40);
  EXPECT_LE(architecture.stages.size(), 3u);
  for (const spec::Stage &stage : architecture.stages) {
    EXPECT_LE(stage.dim, 48);
    EXPECT_LE(stage.blocks.size(), 3u);
    EXPECT_LE(stage.height * stage.width, 300) << "attention over so many positions is slow in the reference";
  }
}

/// Names and shapes of the state dict, block by block, and the costs: all that the text of a spec decides.
std::string factsOf(const spec::Architecture &architecture) {
  std::ostringstream out;
  auto add = [&](const std::string &path, const std::vector<spec::ParamDecl> &params, const spec::Cost &cost) {
    out << path << ' ' << cost.macs << ' ' << cost.pointwise << ' ' << cost.activations << '\n';
    for (const spec::ParamDecl &param : params) {
      out << "  " << param.name;
      for (int64_t size : param.shape)
        out << ' ' << size;
      out << '\n';
    }
  };
  for (const spec::Stage &stage : architecture.stages) {
    add(stage.embedPath, stage.embedParams, stage.embedCost);
    add("position", stage.positionParams, stage.positionCost);
    for (const spec::Block &block : stage.blocks)
      add(block.path, block.params, block.cost);
  }
  add("head", architecture.head.params, architecture.head.cost);
  return out.str();
}

TEST(SpecGenerator, CoveringSpecsAreValidAndSmall) {
  for (const std::string &text : coveringSpecs()) {
    Loaded loaded = load(text);
    ASSERT_EQ(loaded.errors, "");
    expectSmall(loaded.architecture);
  }
}

TEST(SpecGenerator, RandomSpecsAreValidAndSmall) {
  for (uint64_t seed = 0; seed < kRandomSpecs; ++seed) {
    Loaded loaded = load(randomSpec(seed));
    ASSERT_EQ(loaded.errors, "") << "seed " << seed;
    expectSmall(loaded.architecture);
  }
}

TEST(SpecGenerator, ExpandingGivesTheSameModel) {
  for (const std::string &text : coveringSpecs()) {
    Loaded loaded = load(text);
    std::string expanded = spec::expandedSpec(loaded.architecture);
    Loaded again = load(expanded);
    ASSERT_EQ(again.errors, "");
    EXPECT_EQ(spec::expandedSpec(again.architecture), expanded);
    EXPECT_EQ(factsOf(again.architecture), factsOf(loaded.architecture));
  }
}

TEST(SpecGenerator, TheSameSeedGivesTheSameSpec) {
  EXPECT_EQ(randomSpec(7), randomSpec(7));
  EXPECT_NE(randomSpec(7), randomSpec(8));
}

TEST(SpecGenerator, EveryPairThatCanBeShownIsShown) {
  std::set<LevelPair> shown;
  std::vector<SpecLevels> specs = coveringLevels();
  for (const SpecLevels &levels : specs)
    for (const Assignment &assignment : {levels.main, levels.other})
      for (const LevelPair &pair : pairsOf(assignment))
        shown.insert(pair);
  Draw draw(1, "pairs to look for");
  for (int i = 0; i < 2000; ++i)
    for (const LevelPair &pair : pairsOf(randomAssignment(draw)))
      EXPECT_TRUE(shown.count(pair)) << toString(pair);
  EXPECT_GE(specs.size(), 50u);
  EXPECT_LE(specs.size(), 80u);
}

/// What can be read off a resolved block `main`, as "factor = level".
std::vector<std::string> featuresOf(const spec::Block &block, const spec::Branch &branch) {
  std::vector<std::string> features = {"norm = " + branch.norm.kind, "scale = " + branch.scale.kind,
                                       branch.name + " = " + branch.function.kind};
  if (branch.norm.kind != "none")
    features.push_back("order = " + branch.order);
  if (const spec::Value *affine = branch.norm.find("affine"))
    features.push_back("affine = " + std::get<std::string>(affine->data));
  if (const spec::Value *activation = branch.function.find("activation"))
    features.push_back("activation = " + std::get<spec::ComponentPtr>(activation->data)->kind);
  if (block.branches.size() == 2)
    features.push_back("arrangement = " + block.arrangement);
  return features;
}

std::set<std::string> featurePairs() {
  std::set<std::string> pairs;
  for (const std::string &text : coveringSpecs()) {
    Loaded loaded = load(text);
    for (const spec::Stage &stage : loaded.architecture.stages)
      for (const spec::Block &block : stage.blocks)
        for (const spec::Branch &branch : block.branches) {
          std::vector<std::string> features = featuresOf(block, branch);
          for (const std::string &first : features)
            for (const std::string &second : features)
              pairs.insert(first + " with " + second);
        }
  }
  return pairs;
}

/// The text says what the assignment says: looked up in what the frontend made of it, not in the generator.
TEST(SpecGenerator, ResolvedBlocksShowThePairs) {
  using spec::Slot;
  std::set<std::string> pairs = featurePairs();
  auto expectAll = [&](const std::vector<std::string> &first, const std::vector<std::string> &second) {
    for (const std::string &a : first)
      for (const std::string &b : second)
        EXPECT_TRUE(pairs.count(a + " with " + b)) << a << " with " << b;
  };
  auto features = [](const std::string &factor, Slot slot, const std::string &without = "") {
    std::vector<std::string> all;
    for (const spec::ComponentKind *kind : spec::kindsOf(slot))
      if (kind->name != without)
        all.push_back(factor + " = " + kind->name);
    return all;
  };
  std::vector<std::string> mixers = features("mixer", Slot::Mixer), norms = features("norm", Slot::Norm);
  std::vector<std::string> orders = {"order = pre_norm", "order = post_norm", "order = res_post_norm"};
  expectAll(mixers, norms);
  expectAll(mixers, features("scale", Slot::Scale));
  expectAll(mixers, orders);
  expectAll(norms, features("scale", Slot::Scale));
  expectAll(norms, features("activation", Slot::Activation));
  expectAll(features("norm", Slot::Norm, "none"), orders);
  expectAll(mixers, {"arrangement = parallel", "arrangement = sequential"});
  expectAll({"norm = layer_norm", "norm = group_norm", "norm = batch_norm", "norm = layer_norm_chw"},
            {"affine = full", "affine = scale", "affine = none"});
}

} // namespace
