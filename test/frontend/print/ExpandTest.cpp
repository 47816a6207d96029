//===- ExpandTest.cpp - A plain spec means what its source meant ----------===//

#include "frontend/print/Expand.h"
#include "frontend/Frontend.h"
#include "frontend/cost/Costs.h"

#include <gtest/gtest.h>

#include <ctime>
#include <filesystem>

using namespace archc::spec;

namespace {

Architecture load(const LoadOptions &options) {
  Architecture architecture;
  DiagnosticEngine diagnostics;
  EXPECT_TRUE(loadArchitecture(options, architecture, diagnostics)) << options.spec << diagnostics.json();
  return architecture;
}

std::vector<std::string> allSpecs() {
  std::vector<std::string> specs;
  for (const auto &file : std::filesystem::recursive_directory_iterator(std::filesystem::path(ARCHC_SOURCE_DIR) / "archs"))
    if (file.path().extension() == ".toml" && file.path().parent_path().filename() != "recipes")
      specs.push_back(file.path().string());
  return specs;
}

TEST(Expand, EveryShippedSpecRoundTrips) {
  std::vector<std::string> specs = allSpecs();
  ASSERT_GT(specs.size(), 40u);
  for (const std::string &spec : specs) {
    SCOPED_TRACE(spec);
    Architecture source = load({spec, {}, std::nullopt});
    std::string plain = expandedSpec(source);
    Architecture again = load({"plain.toml", {}, plain});
    EXPECT_EQ(expandedSpec(again), plain);
    Totals before = totalsOf(source), after = totalsOf(again);
    EXPECT_EQ(before.params, after.params);
    EXPECT_EQ(before.cost.macs, after.cost.macs);
    EXPECT_EQ(before.cost.pointwise, after.cost.pointwise);
    EXPECT_EQ(before.cost.activations, after.cost.activations);
    std::vector<ParamDecl> names = allParameters(source), namesAgain = allParameters(again);
    ASSERT_EQ(names.size(), namesAgain.size());
    for (size_t i = 0; i < names.size(); ++i) {
      EXPECT_EQ(names[i].name, namesAgain[i].name);
      EXPECT_EQ(names[i].shape, namesAgain[i].shape);
    }
  }
}

// The whole command has 20 ms; this is all of it but the start of the process. CPU time, since machines are shared.
TEST(Frontend, TheSlowestSpecLoadsInMilliseconds) {
  for (const std::string &spec : allSpecs()) {
    double best = 1;
    for (int run = 0; run < 3; ++run) {
      std::clock_t start = std::clock();
      load({spec, {}, std::nullopt});
      best = std::min(best, double(std::clock() - start) / CLOCKS_PER_SEC);
    }
#if defined(__SANITIZE_ADDRESS__)
    EXPECT_LT(best, 0.2) << spec;
#else
    EXPECT_LT(best, 0.015) << spec;
#endif
  }
}

} // namespace
