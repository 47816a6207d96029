//===- OraclesTest.cpp - Shipped specs against the originals --------------===//
//
// test/archs/oracles.csv: parameters, MACs and activations of the original models, exactly.
// test/archs/names/*.txt: state dicts as timm writes them, names, shapes and order.
//
//===----------------------------------------------------------------------===//

#include "frontend/Frontend.h"
#include "frontend/cost/Costs.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

using namespace archc::spec;

namespace {

const std::filesystem::path source = ARCHC_SOURCE_DIR;

/// "caformer_s18_384" is archs/caformer/s18_384.toml.
std::string specPath(const std::string &name) {
  size_t split = name.find('_');
  return (source / "archs" / name.substr(0, split) / (name.substr(split + 1) + ".toml")).string();
}

Architecture load(const std::string &name) {
  LoadOptions options;
  options.spec = specPath(name);
  Architecture architecture;
  DiagnosticEngine diagnostics;
  EXPECT_TRUE(loadArchitecture(options, architecture, diagnostics)) << name;
  return architecture;
}

/// Spec name -> params, trainable, macs, activations ("" where nothing was measured).
std::map<std::string, std::vector<std::string>> readOracles() {
  std::ifstream file(source / "test/archs/oracles.csv");
  std::map<std::string, std::vector<std::string>> rows;
  std::string line;
  std::getline(file, line); // the heading
  while (std::getline(file, line)) {
    std::stringstream fields(line);
    std::string name, field;
    std::getline(fields, name, ',');
    while (std::getline(fields, field, ','))
      rows[name].push_back(field);
    rows[name].resize(4);
  }
  return rows;
}

TEST(Oracles, EverySpecHasTheCountsOfTheOriginal) {
  auto oracles = readOracles();
  ASSERT_GT(oracles.size(), 40u);
  for (const auto &[name, row] : oracles) {
    SCOPED_TRACE(name);
    Architecture architecture = load(name);
    Totals totals = totalsOf(architecture);
    EXPECT_EQ(architecture.name, name);
    EXPECT_EQ(std::to_string(totals.params), row[0]);
    EXPECT_EQ(std::to_string(totals.trainableParams), row[1]);
    EXPECT_EQ(std::to_string(totals.cost.macs), row[2]);
    if (!row[3].empty()) {
      EXPECT_EQ(std::to_string(totals.cost.activations), row[3]);
    }
  }
}

TEST(Oracles, EverySpecHasAnOracle) {
  auto oracles = readOracles();
  for (const auto &entry : std::filesystem::recursive_directory_iterator(source / "archs")) {
    bool isRecipe = entry.path().parent_path().filename() == "recipes";
    if (entry.path().extension() != ".toml" || isRecipe)
      continue;
    std::string name = entry.path().parent_path().filename().string() + "_" + entry.path().stem().string();
    EXPECT_TRUE(oracles.count(name)) << name;
  }
}

std::string stateDict(const Architecture &architecture) {
  std::string text;
  for (const ParamDecl &param : allParameters(architecture)) {
    text += param.name;
    for (size_t i = 0; i < param.shape.size(); ++i)
      text += (i ? "x" : " ") + std::to_string(param.shape[i]);
    text += "\n";
  }
  return text;
}

TEST(Oracles, NamesShapesAndOrderAreTimms) {
  int compared = 0;
  for (const auto &entry : std::filesystem::directory_iterator(source / "test/archs/names")) {
    std::ifstream file(entry.path());
    std::stringstream expected;
    expected << file.rdbuf();
    EXPECT_EQ(stateDict(load(entry.path().stem().string())), expected.str()) << entry.path();
    ++compared;
  }
  EXPECT_GE(compared, 5);
}

// The paper's repository has 112 entries, 8 of them matrices over the 14x14 and 7x7 positions.
TEST(Oracles, RandFormerKeepsItsMatricesFrozen) {
  std::vector<ParamDecl> params = allParameters(load("randformer_s12"));
  EXPECT_EQ(params.size(), 112u);
  std::map<std::vector<int64_t>, int> matrices;
  for (const ParamDecl &param : params)
    if (param.role == ParamRole::Frozen)
      ++matrices[param.shape];
  EXPECT_EQ(matrices, (std::map<std::vector<int64_t>, int>{{{196, 196}, 6}, {{49, 49}, 2}}));
}

} // namespace
