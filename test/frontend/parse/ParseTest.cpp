//===- ParseTest.cpp - Located trees, files and --set ---------------------===//

#include "frontend/parse/Parse.h"

#include <gtest/gtest.h>

using namespace archc::spec;

namespace {

Node parse(const std::string &text, DiagnosticEngine &diagnostics) {
  std::optional<Node> root = parseToml(diagnostics.addFile("x.toml", text), diagnostics);
  EXPECT_TRUE(root);
  return root ? *root : Node();
}

TEST(Parse, KeepsTheOrderAndThePlacesOfTheFile) {
  DiagnosticEngine diagnostics;
  Node root = parse("[b]\nz = 1\na = \"ä\" \n[a]\nx = [1.5, true]\n", diagnostics);
  ASSERT_EQ(root.entries.size(), 2u);
  EXPECT_EQ(root.entries[0].key, "b");
  const Node &table = root.entries[0].value;
  EXPECT_EQ(table.entries[0].key, "z");
  EXPECT_EQ(table.entries[0].value.integer, 1);
  const Entry &text = table.entries[1];
  EXPECT_EQ(text.keyRange.line, 3u);
  EXPECT_EQ(text.keyRange.column, 1u);
  EXPECT_EQ(text.value.range.column, 5u);
  EXPECT_EQ(text.value.range.endColumn, 8u) << "columns count characters, not bytes";
  const Node &array = root.entries[1].value.find("x")->value;
  EXPECT_EQ(array.items[0].number, 1.5);
  EXPECT_TRUE(array.items[1].boolean);
  EXPECT_EQ(array.items[1].range.column, 11u);
}

TEST(Parse, SetTakesTomlAndBareWords) {
  DiagnosticEngine diagnostics;
  std::optional<SetOption> number = parseSet("stage.3.depth=9", diagnostics);
  ASSERT_TRUE(number);
  EXPECT_EQ(number->path, (std::vector<std::string>{"stage", "3", "depth"}));
  EXPECT_EQ(number->value.integer, 9);
  EXPECT_EQ(number->keyRanges[2].column, 9u);

  std::optional<SetOption> word = parseSet("block.a.norm=none", diagnostics);
  ASSERT_TRUE(word);
  EXPECT_EQ(word->value.text, "none");

  std::optional<SetOption> table = parseSet("stage.1.blocks.at={ \"1\" = \"attn\" }", diagnostics);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->value.entries[0].key, "1");
  EXPECT_FALSE(diagnostics.hasErrors());

  for (const char *wrong : {"", "=3", "depth", "a.=3", "a=[", "a=1\nb=2"})
    EXPECT_FALSE(parseSet(wrong, diagnostics)) << wrong;
  EXPECT_TRUE(diagnostics.hasErrors());
}

TEST(Parse, RefusesDepthThatWouldExhaustTheStack) {
  std::string key, value;
  for (int i = 0; i < 100000; ++i)
    key += "a.", value += "[";
  for (const std::string &text : {key + "a = 1", "[" + key + "a]\nx = 1", "x = { " + key + "a = 1 }", "x = " + value}) {
    DiagnosticEngine diagnostics;
    EXPECT_FALSE(parseToml(diagnostics.addFile("x.toml", text), diagnostics));
    EXPECT_TRUE(diagnostics.hasErrors());
    EXPECT_FALSE(parseSet(key + "a=1", diagnostics));
  }
  DiagnosticEngine diagnostics;
  std::string dots(1000, '.'), numbers;
  for (int i = 0; i < 1000; ++i)
    numbers += "1.5, ";
  EXPECT_TRUE(
      parseToml(diagnostics.addFile("x.toml", "a = \"" + dots + "\"\nb = '" + dots + "'\nc = [" + numbers + "]"), diagnostics));
}

TEST(Parse, RefusesEveryKindOfWrongUtf8) {
  // A lone continuation, an overlong slash, a surrogate, beyond U+10FFFF, a cut sequence.
  for (const char *wrong : {"\x80", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82"}) {
    DiagnosticEngine diagnostics;
    EXPECT_FALSE(checkUtf8(diagnostics.addFile("x", std::string("é\na") + wrong), diagnostics));
    ASSERT_TRUE(diagnostics.hasErrors());
    EXPECT_EQ(diagnostics.sorted()[0].range.line, 2u);
    EXPECT_EQ(diagnostics.sorted()[0].range.column, 2u);
  }
  DiagnosticEngine diagnostics;
  EXPECT_TRUE(checkUtf8(diagnostics.addFile("x", "aé€😀"), diagnostics));
}

} // namespace
