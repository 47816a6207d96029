//===- HelpKey.cpp - The help of one key ----------------------------------===//

#include "frontend/diagnostics/DiagnosticEngine.h"
#include "frontend/schema/Schema.h"

#include <algorithm>
#include <set>

namespace archc::spec {

namespace {

/// Rows that a path may have reached: those of a table, or of each kind that may stand at the place.
struct RowSet {
  std::string kind; // "" for a table
  std::string help;
  const std::vector<KeyRow> *rows;
};

struct Match {
  std::string kind;
  const KeyRow *row;
  const TableSchema *table; // that the row is of; null: a kind's
};

std::vector<std::string> partsOf(const std::string &path) {
  std::vector<std::string> parts(1);
  for (char c : path) {
    if (c == '.')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

std::vector<RowSet> rowSetsOf(Slot slot) {
  std::vector<RowSet> sets;
  for (const ComponentKind *kind : kindsOf(slot))
    sets.push_back({kind->name, kind->help, &kind->keys});
  if (slot == Slot::Mixer || slot == Slot::Channel)
    sets.push_back({"", "", &branchRows()});
  return sets;
}

const TableSchema *topTable(const std::string &name) {
  for (Language language : {Language::Spec, Language::Recipe})
    for (const TableSchema &table : allTables(language))
      if (table.path == name)
        return &table;
  return nullptr;
}

/// `block.conv.mixer` and `stage.3.depth` mean what `block.mixer` and `stage.depth` mean.
void dropInstance(std::vector<std::string> &parts, const TableSchema &table) {
  bool named = table.path == "block" || table.path == "stage";
  if (named && parts.size() > 2 && !findRow(table.rows, parts[1]))
    parts.erase(parts.begin() + 1);
}

class KeyFinder {
public:
  /// False when there is no such key. `matches` are the rows of the last part, `sets` what stands below it.
  bool follow(const std::string &path);

  std::vector<Match> matches;
  std::vector<RowSet> sets;

private:
  bool start(std::vector<std::string> &parts);
  bool step(const std::string &part);
  bool chooseKind(const std::string &part);

  const TableSchema *table = nullptr;
};

bool KeyFinder::start(std::vector<std::string> &parts) {
  if (const TableSchema *top = topTable(parts[0])) {
    table = top;
    dropInstance(parts, *top);
    sets = top->slot ? rowSetsOf(*top->slot) : std::vector<RowSet>{{"", top->help, &top->rows}};
    return true;
  }
  for (Language language : {Language::Spec, Language::Recipe})
    for (Slot slot : allSlots(language))
      if (slotName(slot) == parts[0])
        sets = rowSetsOf(slot);
  return !sets.empty();
}

bool KeyFinder::chooseKind(const std::string &part) {
  auto found = std::find_if(sets.begin(), sets.end(), [&](const RowSet &set) { return set.kind == part; });
  if (part.empty() || found == sets.end())
    return false;
  RowSet chosen = *found;
  sets = {chosen};
  matches.clear();
  return true;
}

bool KeyFinder::step(const std::string &part) {
  std::vector<Match> found;
  for (const RowSet &set : sets)
    if (const KeyRow *row = findRow(*set.rows, part))
      found.push_back({set.kind, row, table});
  if (found.empty())
    return chooseKind(part);
  matches = found;
  const KeyRow &row = *found.front().row;
  const TableSchema *owner = table;
  table = nullptr;
  sets.clear();
  if (row.type == ValueType::Component) {
    sets = rowSetsOf(row.slot);
  } else if (row.type == ValueType::Table || row.type == ValueType::Blocks) {
    table = owner ? tableBelow(*owner, row) : nullptr;
    table = table ? table : &tableSchema("block");
    sets = {{"", table->help, &table->rows}};
  }
  return true;
}

bool KeyFinder::follow(const std::string &path) {
  std::vector<std::string> parts = partsOf(path);
  if (!start(parts))
    return false;
  return std::all_of(parts.begin() + 1, parts.end(), [&](const std::string &part) { return step(part); });
}

std::string rowHelp(const std::string &path, const Match &match) {
  const KeyRow &row = *match.row;
  std::string text = path + (match.kind.empty() ? "" : " (of kind `" + match.kind + "`)") + "\n  " + row.help + "\n";
  text += "  value:   " + describeType(row) + (row.unit.empty() ? "" : ", in " + row.unit) + "\n";
  std::string byDefault = describeDefault(row);
  text +=
      "  default: " + (byDefault.empty() ? std::string(row.optional ? "none, may be left out" : "none, required") : byDefault) +
      "\n";
  text += "  example: " + row.name + " = " + row.example + "\n";
  return text + "  since:   edition " + row.sinceEdition + "\n";
}

std::string setHelp(const RowSet &set) {
  std::string text = set.kind.empty() ? "keys:\n" : "kind `" + set.kind + "`: " + set.help + "\n";
  for (const KeyRow &row : *set.rows)
    text += "  " + row.name + std::string(row.name.size() < 16 ? 16 - row.name.size() : 1, ' ') + row.help + "\n";
  return text;
}

void collectPaths(const std::string &prefix, const std::vector<KeyRow> &rows, std::set<std::string> &paths);

void collectKinds(const std::string &prefix, Slot slot, std::set<std::string> &paths) {
  for (const ComponentKind *kind : kindsOf(slot))
    collectPaths(prefix, kind->keys, paths);
}

void collectPaths(const std::string &prefix, const std::vector<KeyRow> &rows, std::set<std::string> &paths) {
  for (const KeyRow &row : rows) {
    std::string path = prefix + "." + row.name;
    paths.insert(path);
    if (row.type == ValueType::Component)
      collectKinds(path, row.slot, paths);
  }
}

} // namespace

std::optional<std::string> helpForKey(const std::string &path) {
  KeyFinder finder;
  if (!finder.follow(path))
    return std::nullopt;
  std::string text;
  for (const Match &match : finder.matches)
    text += rowHelp(path, match);
  for (const RowSet &set : finder.sets)
    text += setHelp(set);
  return text;
}

std::vector<std::string> allKeyPaths() {
  std::set<std::string> paths;
  for (Language language : {Language::Spec, Language::Recipe})
    for (const TableSchema &table : allTables(language))
      if (table.path.find('*') == std::string::npos) {
        paths.insert(table.path);
        collectPaths(table.path, table.rows, paths);
        if (table.slot)
          collectKinds(table.path, *table.slot, paths);
      }
  for (const char *limit : {"params", "macs", "activations", "peak_memory", "artifact_size", "latency"})
    collectPaths(std::string("budget.") + limit, tableSchema("budget.*").rows, paths);
  return {paths.begin(), paths.end()};
}

} // namespace archc::spec
