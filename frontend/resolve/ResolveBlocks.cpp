#include "frontend/resolve/ResolveBlocks.h"
#include "frontend/resolve/Merge.h"

#include <algorithm>

namespace archc::spec {

// --- Inheritance -------------------------------------------------------------------

void BlockResolver::reportUnknown(const std::string &name, SourceRange where) {
  if (refused)
    return;
  std::vector<std::string> known;
  if (blocks)
    for (const Entry &entry : blocks->value.entries)
      known.push_back(entry.key);
  std::string expected = known.empty() ? "a `[block." + name + "]`" : listOf(known);
  Diagnostic &problem = diagnostics.error(Code::UnknownBlock, where, "unknown block `" + name + "`; expected " + expected);
  if (std::string near = nearest(name, known); !near.empty())
    problem.withHint("did you mean `" + near + "`?");
}

/// Replaces `table` by its base with `table` merged over it. False when the base is wrong.
bool BlockResolver::inherit(const std::string &name, const Entry &entry, Node &table) {
  const Entry *extends = entry.value.find("extends");
  if (!extends)
    return true;
  if (!reader.expect(extends->value, NodeType::String, "extends"))
    return false;
  const std::string &baseName = extends->value.text;
  chain.emplace_back(name, extends->value.range);
  auto first = std::find_if(chain.begin(), chain.end(), [&](const auto &link) { return link.first == baseName; });
  const Node *base = nullptr;
  if (first != chain.end()) {
    Diagnostic &problem = diagnostics.error(Code::ExtendsCycle, extends->value.range,
                                            "block `" + name + "` extends `" + baseName +
                                                "`, which leads back to it; expected a block that does not extend this one");
    for (auto link = first; link + 1 < chain.end(); ++link)
      problem.note(link->second, "on the way round, block `" + link->first + "` extends this one");
  } else {
    base = inheritedTable(baseName, extends->value.range);
  }
  chain.pop_back();
  if (!base)
    return false;
  table.erase("extends");
  Node merged = *base;
  mergeOver(merged, table);
  table = std::move(merged);
  return true;
}

const Node *BlockResolver::inheritedTable(const std::string &name, SourceRange where) {
  auto known = tables.find(name);
  if (known == tables.end()) {
    const Entry *entry = blocks ? blocks->value.find(name) : nullptr;
    if (!entry) {
      reportUnknown(name, where);
      return nullptr;
    }
    std::optional<Node> table = entry->value;
    table->range = entry->keyRange;
    if (!reader.expect(entry->value, NodeType::Table, name) || !inherit(name, *entry, *table))
      table = std::nullopt;
    known = tables.emplace(name, std::move(table)).first;
  }
  return known->second ? &*known->second : nullptr;
}

// --- Reading -----------------------------------------------------------------------

/// The rows of a block with its components marked as not to be read: they are merged with what branches say first.
static const std::vector<KeyRow> &plainRows() {
  static const std::vector<KeyRow> rows = [] {
    std::vector<KeyRow> copy = tableSchema("block").rows;
    for (KeyRow &row : copy)
      if (row.type == ValueType::Component)
        row.type = ValueType::Positions;
    return copy;
  }();
  return rows;
}

static const std::vector<std::string> &branchKeys() {
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> names;
    for (const KeyRow &row : branchRows())
      names.push_back(row.name);
    return names;
  }();
  return keys;
}

/// The component at `key`: the block's, with the branch's merged over it; the default of `branchRows` when neither states it.
std::optional<Component> BlockResolver::readMerged(const std::string &key, Slot slot, const Node &block, const Node &branch) {
  const Entry *shared = block.find(key), *own = branch.find(key);
  if (!shared && !own)
    return withDefaults(slot, *std::get<ComponentPtr>(findRow(branchRows(), key)->defaultValue->data));
  if (!shared || !own)
    return reader.readComponent(slot, (shared ? shared : own)->value);
  Node merged = shared->value;
  mergeValue(merged, own->value, key);
  return reader.readComponent(slot, merged);
}

/// Whether this kind takes the block's activation when it states none.
static bool takesActivation(Slot slot, const Node &table) {
  const Entry *kind = table.find("kind");
  const ComponentKind *known = kind ? findKind(slot, kind->value.text) : nullptr;
  return known && findRow(known->keys, "activation");
}

/// A branch's table as its component reads it: without the branch's own keys, with the block's activation below its own.
static Node functionTable(Slot slot, const Node &branch, const Node &block) {
  Node table = branch;
  for (const std::string &key : branchKeys())
    table.erase(key);
  const Entry *shared = block.find("activation");
  if (!shared || !takesActivation(slot, branch))
    return table;
  Entry activation = *shared;
  if (const Entry *own = branch.find("activation"))
    mergeValue(activation.value, own->value, "activation");
  table.erase("activation");
  table.entries.push_back(std::move(activation));
  return table;
}

/// A word that may be missing because it was wrong; the block is then refused, but the rest of it is still looked at.
static std::string wordOr(const Component &values, const std::string &key) {
  return values.find(key) ? values.getString(key) : std::string();
}

std::optional<Branch> BlockResolver::resolveBranch(const std::string &name, const Node &table, const Component &block) {
  const Node &value = table.find(name)->value;
  Node node = value.type == NodeType::String ? tableOfKind(value) : value;
  Slot slot = name == "mixer" ? Slot::Mixer : Slot::Channel;
  Branch branch;
  branch.name = name;
  branch.source = node.range;
  branch.order = wordOr(block, "order");
  bool ok = true;
  if (const Entry *order = node.find("order")) {
    std::optional<Value> own = reader.readValue(order->value, *findRow(branchRows(), "order"));
    ok = own.has_value();
    branch.order = own ? std::get<std::string>(own->data) : "";
  }
  std::optional<Component> norm = readMerged("norm", Slot::Norm, table, node);
  std::optional<Component> scale = readMerged("scale", Slot::Scale, table, node);
  std::optional<Component> function = reader.readComponent(slot, functionTable(slot, node, table), branchKeys());
  if (!ok || !norm || !scale || !function)
    return std::nullopt;
  branch.norm = std::move(*norm), branch.scale = std::move(*scale), branch.function = std::move(*function);
  return branch;
}

/// Checks what the block states for all its branches, even if every branch states its own.
bool BlockResolver::readShared(const Node &table) {
  bool ok = true;
  for (const KeyRow &row : tableSchema("block").rows) {
    const Entry *entry = table.find(row.name);
    bool isBranch = row.name == "mixer" || row.name == "channel";
    if (entry && row.type == ValueType::Component && !isBranch)
      ok &= reader.readComponent(row.slot, entry->value).has_value();
  }
  return ok;
}

std::optional<Block> BlockResolver::resolveTable(const std::string &name, const Node &table, Completeness completeness) {
  bool ok = true;
  TableName tableName{"`[block." + name + "]`", table.range, std::nullopt, {}};
  Component values = reader.read(table, plainRows(), tableName, ok);
  ok &= readShared(table);
  const Value *branches = values.find("branches");
  if (!branches)
    return std::nullopt;
  Block block;
  block.use = name;
  block.arrangement = wordOr(values, "arrangement");
  block.blockSource = table.range;
  std::vector<std::string> seen;
  for (const std::string &branchName : std::get<std::vector<std::string>>(branches->data)) {
    if (std::find(seen.begin(), seen.end(), branchName) != seen.end()) {
      diagnostics.error(Code::DuplicateName, branches->source,
                        "`branches` names `" + branchName + "` twice; expected each branch once");
      return std::nullopt;
    }
    seen.push_back(branchName);
    if (!table.find(branchName)) {
      if (completeness == Completeness::Required)
        diagnostics.error(Code::MissingKey, table.range,
                          tableName.text + " has no `" + branchName + "`; expected " +
                              describeType(*findRow(tableSchema("block").rows, branchName)));
      ok = false;
      continue;
    }
    std::optional<Branch> branch = resolveBranch(branchName, table, values);
    ok &= branch.has_value();
    // `channel = "none"` says that there is no such branch.
    if (branch && branch->function.kind != "none")
      block.branches.push_back(std::move(*branch));
  }
  if (ok && block.branches.empty()) {
    diagnostics.error(Code::ConflictingKeys, table.range,
                      "block `" + name + "` has no branch; expected a mixer or a channel part");
    return std::nullopt;
  }
  return ok ? std::optional(std::move(block)) : std::nullopt;
}

std::optional<Block> BlockResolver::resolve(const std::string &name, const Node *stageOverride, SourceRange where) {
  const Node *inherited = inheritedTable(name, where);
  if (!inherited)
    return std::nullopt;
  Node table = *inherited;
  if (stageOverride) {
    if (const Entry *extends = stageOverride->find("extends")) {
      reader.unknownKey(*extends, {"norm", "activation", "scale", "order", "mixer", "channel"},
                        {"`override`", where, std::nullopt, {}});
      return std::nullopt;
    }
    mergeOver(table, *stageOverride);
    table.range = inherited->range;
  }
  return resolveTable(name, table, Completeness::Required);
}

void BlockResolver::checkAll() {
  constexpr size_t mostBlocks = 1024; // inheritance may lead through all of them
  if (blocks && blocks->value.entries.size() > mostBlocks) {
    diagnostics.error(Code::TooLarge, blocks->keyRange,
                      "the spec defines " + std::to_string(blocks->value.entries.size()) + " blocks; expected at most " +
                          std::to_string(mostBlocks));
    blocks = nullptr;
    refused = true;
  }
  if (!blocks)
    return;
  for (const Entry &entry : blocks->value.entries)
    if (const Node *table = inheritedTable(entry.key, entry.keyRange))
      resolveTable(entry.key, *table, Completeness::Optional);
}

} // namespace archc::spec
