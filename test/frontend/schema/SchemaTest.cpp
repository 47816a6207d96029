//===- SchemaTest.cpp - Every row of the schema table is sound ------------===//

#include "frontend/schema/Schema.h"
#include "frontend/parse/Parse.h"
#include "frontend/resolve/ReadTable.h"

#include <gtest/gtest.h>

#include <sstream>

using namespace archc::spec;

namespace {

/// Each row with the path that leads to it.
std::vector<std::pair<std::string, const KeyRow *>> allRows() {
  std::vector<std::pair<std::string, const KeyRow *>> rows;
  auto add = [&](const std::string &owner, const std::vector<KeyRow> &owned) {
    for (const KeyRow &row : owned)
      rows.emplace_back(owner + "." + row.name, &row);
  };
  add("branch", branchRows());
  for (Language language : {Language::Spec, Language::Recipe}) {
    for (const TableSchema &table : allTables(language))
      add(table.path, table.rows);
    for (Slot slot : allSlots(language))
      for (const ComponentKind *kind : kindsOf(slot))
        add(slotName(slot) + "." + kind->name, kind->keys);
  }
  return rows;
}

TEST(Schema, EveryRowIsASentenceWithAnExampleThatIsValid) {
  for (const auto &[path, row] : allRows()) {
    SCOPED_TRACE(path);
    ASSERT_FALSE(row->help.empty());
    EXPECT_EQ(row->help.back(), '.');
    DiagnosticEngine diagnostics;
    std::optional<Node> root = parseToml(diagnostics.addFile("example", row->name + " = " + row->example), diagnostics);
    ASSERT_TRUE(root) << row->example;
    bool readElsewhere = row->type == ValueType::Table || row->type == ValueType::Blocks || row->type == ValueType::Positions;
    TableReader reader(diagnostics);
    if (!readElsewhere) {
      EXPECT_TRUE(reader.readValue(root->entries[0].value, *row)) << row->example;
    }
    std::stringstream said;
    diagnostics.print(said);
    EXPECT_EQ(said.str(), "");
  }
}

TEST(Schema, EveryDefaultIsAValueOfItsRow) {
  for (const auto &[path, row] : allRows()) {
    if (!row->defaultValue)
      continue;
    SCOPED_TRACE(path);
    DiagnosticEngine diagnostics;
    std::optional<Node> root = parseToml(diagnostics.addFile("default", "x = " + describeDefault(*row)), diagnostics);
    ASSERT_TRUE(root) << describeDefault(*row);
    TableReader reader(diagnostics);
    EXPECT_TRUE(reader.readValue(root->entries[0].value, *row)) << describeDefault(*row);
  }
}

// `{ choice = [...] }` will stand for a value in search spaces; see docs/decisions.md.
TEST(Schema, NoKeyIsCalledChoice) {
  for (const auto &[path, row] : allRows())
    EXPECT_NE(row->name, "choice") << path;
}

TEST(Schema, EveryPathHasHelp) {
  std::vector<std::string> paths = allKeyPaths();
  EXPECT_GT(paths.size(), 60u);
  for (const std::string &path : paths)
    EXPECT_TRUE(helpForKey(path)) << path;
  EXPECT_FALSE(helpForKey("block.mixer.nothing"));
  EXPECT_FALSE(helpForKey(""));
  EXPECT_FALSE(helpForKey("."));
}

TEST(Schema, NumbersReadBack) {
  EXPECT_EQ(tomlNumber(1e-6), "1e-6");
  EXPECT_EQ(tomlNumber(4), "4.0");
  EXPECT_EQ(tomlNumber(60), "60.0");
  EXPECT_EQ(tomlNumber(0.485), "0.485");
  EXPECT_EQ(tomlNumber(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(tomlNumber(2.5e7), "2.5e+7");
}

} // namespace
