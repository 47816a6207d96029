#include "frontend/recipe/LoadRecipe.h"
#include "frontend/parse/Parse.h"
#include "frontend/recipe/Fill.h"
#include "frontend/resolve/LoadTree.h"
#include "frontend/resolve/ReadTable.h"

#include <algorithm>
#include <cmath>

namespace archc::recipe {

using namespace spec;

static std::vector<std::string> tableNames() {
  std::vector<std::string> names;
  for (const TableSchema &table : recipeTables())
    names.push_back(table.path);
  return names;
}

namespace {

class RecipeReader {
public:
  RecipeReader(const Node &root, DiagnosticEngine &diagnostics) : root(root), diagnostics(diagnostics), reader(diagnostics) {}

  /// Every table by its rows. Empty, and reported, when anything is wrong.
  std::optional<Tables> read();

private:
  void checkTopKeys();
  std::optional<Component> readTable(const TableSchema &table);
  void checkEdition(const Component &run);

  const Node &root;
  DiagnosticEngine &diagnostics;
  TableReader reader;
};

void RecipeReader::checkTopKeys() {
  const std::vector<std::string> known = tableNames();
  for (const Entry &entry : root.entries)
    if (std::find(known.begin(), known.end(), entry.key) == known.end())
      reader.unknownKey(entry, known, {"the recipe", entry.keyRange, std::nullopt, {}});
  if (!root.find("run"))
    diagnostics.error(Code::MissingKey, root.range, "the recipe has no `run`; expected `[run]`");
}

void RecipeReader::checkEdition(const Component &run) {
  const Value *edition = run.find("edition");
  if (!edition || std::get<int64_t>(edition->data) == 1)
    return;
  diagnostics.error(Code::WrongEdition, edition->source,
                    "`edition` is `" + std::to_string(std::get<int64_t>(edition->data)) +
                        "`; expected `1`, the edition that this archc reads");
}

std::optional<Component> RecipeReader::readTable(const TableSchema &table) {
  const Entry *entry = root.find(table.path);
  Node absent;
  if (table.slot) {
    Node node = entry ? entry->value : absent;
    if (node.type == NodeType::Table && !node.find("kind")) {
      Node kind;
      kind.type = NodeType::String;
      kind.range = node.range;
      kind.text = table.kind;
      node.entries.push_back({"kind", node.range, std::move(kind)});
    }
    return reader.readComponent(*table.slot, node);
  }
  if (entry && entry->value.type != NodeType::Table) {
    diagnostics.error(Code::WrongType, entry->keyRange,
                      "`" + table.path + "` is " + describe(entry->value.type) + "; expected a table `" + table.heading + "`");
    return std::nullopt;
  }
  // A recipe without `[run]` has been told so; what the table lacks is no news.
  if (!entry && table.path == "run")
    return std::nullopt;
  bool ok = true;
  SourceRange place = entry ? entry->keyRange : root.range;
  Component values =
      reader.read(entry ? entry->value : absent, table.rows, {"`" + table.heading + "`", place, std::nullopt, {}}, ok);
  if (table.path == "run")
    checkEdition(values);
  return ok ? std::optional(std::move(values)) : std::nullopt;
}

std::optional<Tables> RecipeReader::read() {
  checkTopKeys();
  Tables tables;
  bool complete = true;
  for (const TableSchema &table : recipeTables()) {
    std::optional<Component> values = readTable(table);
    complete &= values.has_value();
    if (values)
      tables.emplace_back(table.path, std::move(*values));
  }
  return complete ? std::optional(std::move(tables)) : std::nullopt;
}

} // namespace

bool loadRecipe(const LoadOptions &options, Recipe &result, DiagnosticEngine &diagnostics) {
  std::optional<Node> root = loadTree(options, diagnostics, Language::Recipe);
  result.files = diagnostics.fileNames();
  if (!root)
    return false;
  std::optional<Tables> tables = RecipeReader(*root, diagnostics).read();
  if (!tables)
    return false;
  result.tables = std::move(*tables);
  if (checkTables(result.tables, diagnostics); diagnostics.hasErrors())
    return false;
  fillRecipe(result);
  return true;
}

bool isRecipe(const LoadOptions &options) {
  DiagnosticEngine unheard;
  std::string path = locateSpec(options.spec, "", Language::Recipe);
  std::optional<uint32_t> file = options.text ? unheard.addFile(path, *options.text) : readSpecFile(path, {}, unheard);
  std::optional<Node> root = file ? parseToml(*file, unheard) : std::nullopt;
  if (!root)
    return false;
  const std::vector<std::string> known = tableNames();
  bool any = false;
  for (const Entry &entry : root->entries) {
    if (entry.key == "arch" || entry.key == "block" || entry.key == "stage")
      return false;
    any |= std::find(known.begin(), known.end(), entry.key) != known.end();
  }
  return any;
}

int64_t Recipe::totalEpochs() const {
  double warmup = schedule.warmupPrefix ? schedule.warmupEpochs : 0;
  return run.epochs + static_cast<int64_t>(std::ceil(warmup)) + schedule.cooldownEpochs;
}

} // namespace archc::recipe
