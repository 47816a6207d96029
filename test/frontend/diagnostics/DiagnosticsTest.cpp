//===- DiagnosticsTest.cpp - Codes, hints and the form of diagnostics -----===//

#include "frontend/diagnostics/VerifyExpected.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

using namespace archc::spec;

namespace {

/// All file tests of the frontend, as one text.
std::string allFileTests() {
  std::stringstream text;
  for (const auto &file :
       std::filesystem::recursive_directory_iterator(std::filesystem::path(ARCHC_SOURCE_DIR) / "test/frontend"))
    if (file.path().extension() == ".toml" || file.path().extension() == ".test")
      text << std::ifstream(file.path()).rdbuf();
  return text.str();
}

TEST(Codes, AreUniqueExplainedAndTested) {
  std::string tests = allFileTests();
  std::set<std::string> numbers;
  for (const CodeInfo &info : allCodes()) {
    SCOPED_TRACE(info.number);
    EXPECT_TRUE(numbers.insert(info.number).second);
    EXPECT_EQ(findCode(info.number), &info);
    EXPECT_NE(std::string(info.explanation), "");
    EXPECT_NE(std::string(info.example), "");
    EXPECT_NE(tests.find(std::string("[") + info.number + "]"), std::string::npos) << "no file test triggers this code";
  }
}

TEST(Suggest, FindsWhatWasMeantAndNothingElse) {
  std::vector<std::string> known = {"depth", "dim", "blocks", "pool"};
  EXPECT_EQ(nearest("detph", known), "depth");
  EXPECT_EQ(nearest("block", known), "blocks");
  EXPECT_EQ(nearest("pooling", known), "pool");
  EXPECT_EQ(nearest("dmi", known), "dim");
  EXPECT_EQ(nearest("width", known), "");
  EXPECT_EQ(nearest("x", known), "");
  EXPECT_EQ(nearest("", known), "");
}

TEST(Diagnostics, SameProblemIsSaidOnce) {
  DiagnosticEngine diagnostics;
  uint32_t file = diagnostics.addFile("x.toml", "a = 1\n");
  for (int i = 0; i < 2; ++i)
    diagnostics.error(Code::UnknownKey, {file, 1, 1, 1, 2}, "unknown key").note({file, 1, 5, 1, 6}, "here");
  EXPECT_EQ(diagnostics.sorted().size(), 1u);
  EXPECT_EQ(diagnostics.sorted()[0].notes.size(), 1u);
}

TEST(Diagnostics, ExitCodeIsThreeForBudgetsOnly) {
  DiagnosticEngine diagnostics;
  EXPECT_EQ(diagnostics.exitCode(), 0);
  diagnostics.error(Code::OverBudget, {}, "too much");
  EXPECT_EQ(diagnostics.exitCode(), 3);
  diagnostics.error(Code::UnknownKey, {}, "unknown");
  EXPECT_EQ(diagnostics.exitCode(), 2);
}

TEST(Diagnostics, ControlCharactersDoNotReachTheTerminal) {
  DiagnosticEngine diagnostics;
  uint32_t file = diagnostics.addFile("x.toml", "a\x1b[31m = 1\n");
  diagnostics.error(Code::TomlSyntax, {file, 1, 1, 1, 2}, "bad");
  std::stringstream out;
  diagnostics.print(out);
  EXPECT_EQ(out.str(), "x.toml:1:1: error: bad [E0005]\n  a?[31m = 1\n  ^\n");
}

TEST(VerifyExpected, PartsKeepTheLinesOfTheFile) {
  std::vector<std::string> parts = splitInput("a\n# -----\nb\nc\n");
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0], "a\n");
  EXPECT_EQ(parts[1], "\n\nb\nc\n");
}

} // namespace
