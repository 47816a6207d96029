//===- MutationTest.cpp - Broken specs are refused, never crash -----------===//
//
// Shipped specs with lines dropped, doubled or swapped, tokens exchanged and bytes changed, from a fixed seed. What loads must be
// a model with counts, what does not must have been explained. Sanitizers see the rest.
//
//===----------------------------------------------------------------------===//

#include "frontend/Frontend.h"
#include "frontend/cost/Costs.h"
#include "frontend/print/Expand.h"
#include "frontend/recipe/LoadRecipe.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

using namespace archc::spec;

namespace {

/// Words that change the meaning of a spec wherever they land.
const std::vector<std::string> tokens = {"0",
                                         "-1",
                                         "1e308",
                                         "nan",
                                         "9223372036854775807",
                                         "\"conv\"",
                                         "\"\"",
                                         "[]",
                                         "{}",
                                         "[1, 2]",
                                         "true",
                                         "\"none\"",
                                         "\"layer_norm\"",
                                         "extends = \"attn\"",
                                         "kind = \"attention\"",
                                         "\"\\u0000\"",
                                         "[[stage]]",
                                         "[block.conv]",
                                         "[[override]]\nstage = 1",
                                         "65536",
                                         "0.5"};

class Mutator {
public:
  explicit Mutator(unsigned seed) : random(seed) {}

  std::string mutate(std::string text) {
    for (size_t i = 0, count = 1 + pick(4); i < count; ++i)
      text = mutateOnce(std::move(text));
    return text;
  }

private:
  size_t pick(size_t count) { return count ? random() % count : 0; }

  std::string mutateOnce(std::string text) {
    if (text.empty())
      return tokens[pick(tokens.size())];
    size_t at = pick(text.size());
    size_t begin = text.rfind('\n', at) + 1, end = std::min(text.find('\n', at), text.size() - 1);
    std::string line = text.substr(begin, end - begin + 1);
    switch (pick(6)) {
    case 0:
      return text.erase(begin, line.size());
    case 1:
      return text.insert(pick(text.size()), line);
    case 2: // a token for what stands after `=`
      if (size_t equals = line.find('='); equals != std::string::npos)
        return text.replace(begin + equals + 1, line.size() - equals - 2, " " + tokens[pick(tokens.size())]);
      return text;
    case 3:
      return text.insert(at, tokens[pick(tokens.size())]);
    case 4:
      text[at] = static_cast<char>(pick(256));
      return text;
    default:
      return text.substr(0, at) + text.substr(std::min(text.size(), at + pick(40)));
    }
  }

  std::mt19937 random;
};

std::vector<std::pair<std::string, std::string>> readShipped(const std::vector<std::string> &names) {
  std::vector<std::pair<std::string, std::string>> specs;
  for (const std::string &name : names) {
    std::string path = (std::filesystem::path(ARCHC_SOURCE_DIR) / "archs" / name).string();
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    specs.emplace_back(path, text.str());
  }
  return specs;
}

TEST(Mutation, BrokenSpecsAreExplained) {
  auto specs = readShipped(
      {"caformer/s18.toml", "caformer/s18_384.toml", "poolformer/s12.toml", "randformer/s12.toml", "metaformer/ppff_s12.toml"});
  int loaded = 0, refused = 0;
  for (unsigned seed = 0; seed < 4000; ++seed) {
    SCOPED_TRACE(seed);
    const auto &[path, text] = specs[seed % specs.size()];
    LoadOptions options{path, {}, Mutator(seed).mutate(text)};
    Architecture architecture;
    DiagnosticEngine diagnostics;
    if (!loadArchitecture(options, architecture, diagnostics)) {
      ++refused;
      EXPECT_EQ(diagnostics.exitCode(), 2);
      std::stringstream said;
      diagnostics.print(said);
      EXPECT_FALSE(said.str().empty());
      EXPECT_FALSE(diagnostics.json().empty());
      continue;
    }
    ++loaded;
    EXPECT_FALSE(diagnostics.hasErrors());
    EXPECT_GT(totalsOf(architecture).cost.activations, 0);
    EXPECT_FALSE(expandedSpec(architecture).empty());
  }
  // Both ways are walked often enough to mean something.
  EXPECT_GT(loaded, 100);
  EXPECT_GT(refused, 500);
}

TEST(Mutation, BrokenRecipesAreExplained) {
  auto recipes = readShipped({"recipes/fashion_mnist.toml", "recipes/cifar100.toml", "recipes/poolformer_in1k.toml"});
  int loaded = 0, refused = 0;
  for (unsigned seed = 0; seed < 2000; ++seed) {
    SCOPED_TRACE(seed);
    const auto &[path, text] = recipes[seed % recipes.size()];
    LoadOptions options{path, {}, Mutator(seed).mutate(text)};
    archc::recipe::Recipe recipe;
    DiagnosticEngine diagnostics;
    if (!archc::recipe::loadRecipe(options, recipe, diagnostics)) {
      ++refused;
      EXPECT_EQ(diagnostics.exitCode(), 2);
      std::stringstream said;
      diagnostics.print(said);
      EXPECT_FALSE(said.str().empty());
      continue;
    }
    ++loaded;
    EXPECT_FALSE(diagnostics.hasErrors());
    EXPECT_EQ(recipe.data.batch % recipe.data.accumulate, 0);
    LoadOptions again{path, {}, archc::recipe::expandedRecipe(recipe)};
    archc::recipe::Recipe same;
    DiagnosticEngine quiet;
    ASSERT_TRUE(archc::recipe::loadRecipe(again, same, quiet));
    EXPECT_EQ(archc::recipe::expandedRecipe(same), *again.text);
  }
  EXPECT_GT(loaded, 100);
  EXPECT_GT(refused, 500);
}

} // namespace
