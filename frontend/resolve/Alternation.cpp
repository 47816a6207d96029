#include "frontend/resolve/Alternation.h"

#include <algorithm>
#include <map>

namespace archc::spec {

namespace {

/// Which table a rule stands in: its rows and its name in messages.
struct RuleForm {
  const TableSchema &schema;
  TableName name;
};

class BlockPlacer {
public:
  explicit BlockPlacer(DiagnosticEngine &diagnostics) : diagnostics(diagnostics), reader(diagnostics) {}

  std::vector<Placement> placeStage(const StageBlocks &stage);
  void placeNetwork(const std::vector<StageBlocks> &stages, const Entry *alternate, std::vector<std::vector<Placement>> &placed);

private:
  std::vector<Placement> repeatPattern(const Node &pattern, const StageBlocks &stage);
  std::vector<Placement> placeCounts(const Node &counts, const StageBlocks &stage);
  std::optional<std::vector<Placement>> placeRule(const Node &table, const RuleForm &form, int64_t depth);
  bool placeAlternates(const Component &rule, const Node &table, std::vector<Placement> &placed);
  bool placeAt(const Node &at, std::vector<Placement> &placed);
  bool placeAtPosition(const Entry &entry, std::vector<Placement> &placed, std::map<size_t, SourceRange> &taken);
  bool checkRuleKeys(const Node &table, const TableName &name);
  std::vector<bool> candidateStages(const std::vector<StageBlocks> &stages, const Entry *alternate);

  DiagnosticEngine &diagnostics;
  TableReader reader;
};

std::string blocksText(int64_t count) { return std::to_string(count) + (count == 1 ? " block" : " blocks"); }

std::vector<Placement> BlockPlacer::placeStage(const StageBlocks &stage) {
  const Node &blocks = *stage.blocks;
  bool isCounts =
      blocks.type == NodeType::Array && !blocks.items.empty() &&
      std::all_of(blocks.items.begin(), blocks.items.end(), [](const Node &item) { return item.type == NodeType::Table; });
  if (isCounts)
    return placeCounts(blocks, stage);
  if (!stage.depth)
    return {};
  if (blocks.type == NodeType::String)
    return std::vector<Placement>(static_cast<size_t>(*stage.depth), {blocks.text, blocks.range});
  if (blocks.type == NodeType::Array)
    return repeatPattern(blocks, stage);
  RuleForm form{tableSchema("stage.blocks"), {"`blocks`", blocks.range, std::nullopt, {}}};
  if (blocks.type == NodeType::Table)
    return placeRule(blocks, form, *stage.depth).value_or(std::vector<Placement>());
  const KeyRow &row = *findRow(tableSchema("stage").rows, "blocks");
  diagnostics.error(Code::WrongType, blocks.range, "`blocks` is " + describe(blocks.type) + "; expected " + describeType(row));
  return {};
}

std::vector<Placement> BlockPlacer::repeatPattern(const Node &pattern, const StageBlocks &stage) {
  if (pattern.items.empty()) {
    diagnostics.error(Code::BadRule, pattern.range, "`blocks` is an empty array; expected the name of at least one block");
    return {};
  }
  bool ok = true;
  for (const Node &item : pattern.items)
    if (item.type != NodeType::String) {
      diagnostics.error(Code::WrongType, item.range,
                        "`blocks` holds " + describe(item.type) + "; expected only names, or only tables `{ use, count }`");
      ok = false;
    }
  int64_t length = static_cast<int64_t>(pattern.items.size()), depth = *stage.depth;
  if (depth % length != 0) {
    int64_t below = depth / length * length, above = below + length;
    std::string nearestDepths = below ? std::to_string(below) + " or " + std::to_string(above) : std::to_string(above);
    diagnostics
        .error(Code::PatternDepth, pattern.range,
               "a pattern of " + blocksText(length) + " does not fill a `depth` of " + std::to_string(depth) +
                   "; expected a `depth` of " + nearestDepths)
        .note(stage.depthRange, "`depth` is stated here");
    return {};
  }
  std::vector<Placement> placed;
  for (int64_t i = 0; ok && i < depth; ++i) {
    const Node &item = pattern.items[static_cast<size_t>(i % length)];
    placed.push_back({item.text, item.range});
  }
  return placed;
}

std::vector<Placement> BlockPlacer::placeCounts(const Node &counts, const StageBlocks &stage) {
  static const std::vector<KeyRow> rows = [] {
    KeyRow use, count;
    use.name = "use", use.type = ValueType::String;
    count.name = "count", count.min = 1, count.max = 1024;
    return std::vector<KeyRow>{use, count};
  }();
  constexpr int64_t deepest = 1024;
  int64_t sum = 0;
  std::vector<Placement> placed;
  bool ok = true;
  for (const Node &item : counts.items) {
    bool itemOk = true;
    Component values = reader.read(item, rows, {"an entry of `blocks`", item.range, std::nullopt, {}}, itemOk);
    ok &= itemOk;
    if (!itemOk)
      continue;
    sum += values.getInt("count");
    if (sum <= deepest)
      placed.insert(placed.end(), static_cast<size_t>(values.getInt("count")),
                    {values.getString("use"), item.find("use")->value.range});
  }
  if (ok && stage.depth && sum != *stage.depth) {
    diagnostics
        .error(Code::PatternDepth, counts.range,
               "the counts add up to " + std::to_string(sum) + "; expected `depth` = " + std::to_string(*stage.depth))
        .note(stage.depthRange, "`depth` is stated here");
    return {};
  }
  if (ok && sum > deepest) {
    diagnostics.error(Code::OutOfRange, counts.range,
                      "the counts add up to " + std::to_string(sum) + "; expected at most " + std::to_string(deepest));
    return {};
  }
  return ok ? placed : std::vector<Placement>();
}

// --- Rules -----------------------------------------------------------------------

/// `at` and `alternate` are two ways to say it; one of them has to be there.
bool BlockPlacer::checkRuleKeys(const Node &table, const TableName &name) {
  const Entry *alternate = table.find("alternate"), *at = table.find("at");
  if (!alternate && !at) {
    diagnostics.error(Code::BadRule, name.range, name.text + " has neither `alternate` nor `at`; expected one of them");
    return false;
  }
  if (!at)
    return true;
  for (const char *key : {"alternate", "every", "anchor", "count"})
    if (const Entry *entry = table.find(key)) {
      diagnostics
          .error(Code::BadRule, entry->keyRange,
                 std::string("`") + key + "` stands beside `at`; expected either positions or a rule")
          .note(at->keyRange, "`at` is stated here");
      return false;
    }
  return true;
}

std::optional<std::vector<Placement>> BlockPlacer::placeRule(const Node &table, const RuleForm &form, int64_t depth) {
  bool ok = true;
  Component rule = reader.read(table, form.schema.rows, form.name, ok);
  if (!checkRuleKeys(table, form.name) || !ok)
    return std::nullopt;
  std::vector<Placement> placed(static_cast<size_t>(depth), {rule.getString("base"), table.find("base")->value.range});
  const Entry *at = table.find("at");
  ok = at ? placeAt(at->value, placed) : placeAlternates(rule, table, placed);
  return ok ? std::optional(std::move(placed)) : std::nullopt;
}

bool BlockPlacer::placeAlternates(const Component &rule, const Node &table, std::vector<Placement> &placed) {
  int64_t depth = static_cast<int64_t>(placed.size()), every = rule.getInt("every");
  int64_t fitting = (depth + every - 1) / every;
  int64_t count = rule.find("count") ? rule.getInt("count") : fitting;
  if (count > fitting) {
    diagnostics.error(Code::BadRule, table.find("count")->value.range,
                      "`count` is " + std::to_string(count) + "; expected at most " + std::to_string(fitting) +
                          ", the alternates that fit into " + blocksText(depth));
    return false;
  }
  bool fromLast = rule.getString("anchor") == "last";
  const Node &alternate = table.find("alternate")->value;
  for (int64_t i = 0; i < count; ++i) {
    int64_t index = fromLast ? depth - 1 - i * every : i * every;
    placed[static_cast<size_t>(index)] = {alternate.text, alternate.range};
  }
  return true;
}

bool BlockPlacer::placeAt(const Node &at, std::vector<Placement> &placed) {
  if (!reader.expect(at, NodeType::Table, "at"))
    return false;
  bool ok = true;
  std::map<size_t, SourceRange> taken;
  for (const Entry &entry : at.entries)
    ok &= placeAtPosition(entry, placed, taken);
  return ok;
}

bool BlockPlacer::placeAtPosition(const Entry &entry, std::vector<Placement> &placed, std::map<size_t, SourceRange> &taken) {
  char *end = nullptr;
  int64_t position = std::strtoll(entry.key.c_str(), &end, 10), depth = static_cast<int64_t>(placed.size());
  if (entry.key.empty() || *end || position == 0 || position > depth || position < -depth) {
    diagnostics.error(Code::BadPosition, entry.keyRange,
                      "position `" + entry.key + "` is none of " + blocksText(depth) + "; expected 1 to " +
                          std::to_string(depth) + ", or -1 to -" + std::to_string(depth));
    return false;
  }
  if (!reader.expect(entry.value, NodeType::String, entry.key))
    return false;
  size_t index = static_cast<size_t>(position > 0 ? position - 1 : depth + position);
  auto [first, isNew] = taken.emplace(index, entry.keyRange);
  if (!isNew) {
    diagnostics
        .error(Code::BadPosition, entry.keyRange,
               "position `" + entry.key + "` is block " + std::to_string(index + 1) +
                   ", which has been given; expected each block once")
        .note(first->second, "block " + std::to_string(index + 1) + " is given here");
    return false;
  }
  placed[index] = {entry.value.text, entry.value.range};
  return true;
}

// --- [alternate] -------------------------------------------------------------------

/// Which stages the rule counts through: those that give no `blocks`, if `stages` does not say otherwise.
std::vector<bool> BlockPlacer::candidateStages(const std::vector<StageBlocks> &stages, const Entry *alternate) {
  const Entry *listed = alternate->value.find("stages");
  std::vector<bool> candidates(stages.size(), false);
  if (!listed) {
    for (size_t i = 0; i < stages.size(); ++i)
      candidates[i] = !stages[i].blocks;
    return candidates;
  }
  for (const Node &item : listed->value.items) {
    if (item.type != NodeType::Int)
      continue; // reported with the other keys of the rule
    if (item.integer < 1 || item.integer > static_cast<int64_t>(stages.size())) {
      diagnostics.error(Code::UnknownStage, item.range,
                        "there is no stage " + std::to_string(item.integer) + "; expected a number from 1 to " +
                            std::to_string(stages.size()));
      continue;
    }
    size_t index = static_cast<size_t>(item.integer - 1);
    if (stages[index].blocks)
      diagnostics
          .error(Code::BadRule, item.range,
                 "stage " + std::to_string(item.integer) + " gives `blocks` of its own; expected a stage that does not")
          .note(stages[index].blocks->range, "`blocks` is stated here");
    else
      candidates[index] = true;
  }
  return candidates;
}

void BlockPlacer::placeNetwork(const std::vector<StageBlocks> &stages, const Entry *alternate,
                               std::vector<std::vector<Placement>> &placed) {
  if (!reader.expect(alternate->value, NodeType::Table, "alternate"))
    return;
  std::vector<bool> candidates = candidateStages(stages, alternate);
  int64_t total = 0;
  for (size_t i = 0; i < stages.size(); ++i)
    if (candidates[i])
      total += stages[i].depth.value_or(0);
  RuleForm form{tableSchema("alternate"), {"`[alternate]`", alternate->keyRange, std::nullopt, {}}};
  std::optional<std::vector<Placement>> all = placeRule(alternate->value, form, total);
  const Entry *base = alternate->value.find("base");
  if (!all)
    return;
  auto next = all->begin();
  for (size_t i = 0; i < stages.size(); ++i) {
    auto depth = static_cast<ptrdiff_t>(stages[i].depth.value_or(0));
    if (candidates[i]) {
      placed[i].assign(next, next + depth);
      next += depth;
    } else if (!stages[i].blocks) {
      placed[i].assign(static_cast<size_t>(depth), {base->value.text, base->value.range});
    }
  }
}

} // namespace

std::vector<std::vector<Placement>> placeBlocks(const std::vector<StageBlocks> &stages, const Entry *alternate,
                                                DiagnosticEngine &diagnostics) {
  BlockPlacer placer(diagnostics);
  std::vector<std::vector<Placement>> placed(stages.size());
  for (size_t i = 0; i < stages.size(); ++i) {
    if (stages[i].blocks)
      placed[i] = placer.placeStage(stages[i]);
    else if (!alternate)
      diagnostics.error(Code::StageWithoutBlocks, stages[i].stageRange,
                        "stage " + std::to_string(i + 1) +
                            " has no `blocks`, and there is no `[alternate]`; expected one of them");
  }
  if (alternate)
    placer.placeNetwork(stages, alternate, placed);
  return placed;
}

} // namespace archc::spec
