#include "frontend/resolve/Resolve.h"
#include "frontend/resolve/Alternation.h"
#include "frontend/resolve/ResolveBlocks.h"

#include <map>

namespace archc::spec {

namespace {

class Resolver {
public:
  Resolver(const Node &root, Architecture &result, DiagnosticEngine &diagnostics)
      : root(root), result(result), diagnostics(diagnostics), reader(diagnostics),
        blockResolver(table("block", NodeType::Table), diagnostics) {}

  std::vector<StageFacts> run();

private:
  const Entry *table(const std::string &name, NodeType type);
  void checkTopKeys();
  void resolveArch();
  void resolveInput(const Node &arch);
  void resolvePreprocess(const Node &arch);
  std::vector<double> channelValues(const Component &values, const std::string &key, const std::vector<double> &imageNet);
  void resolveStages();
  void resolveStage(const Node &node);
  void resolveStageBlocks();
  void placeIn(Stage &stage, const std::vector<Placement> &placements, const Node *stageOverride);
  void resolveHead();
  void resolveBudget();

  const Node &root;
  Architecture &result;
  DiagnosticEngine &diagnostics;
  TableReader reader;
  BlockResolver blockResolver;
  std::vector<StageFacts> facts;
  std::vector<StageBlocks> stageBlocks;
};

const std::vector<std::string> &topKeys() {
  static const std::vector<std::string> keys = {"arch", "block", "stage", "alternate", "head", "override", "budget"};
  return keys;
}

/// The top-level table or array of tables `name`; null when it is absent or, then reported, of another type.
const Entry *Resolver::table(const std::string &name, NodeType type) {
  const Entry *entry = root.find(name);
  if (!entry || entry->value.type == type)
    return entry;
  std::string heading = type == NodeType::Array ? "`[[" + name + "]]` tables" : "a table `[" + name + "]`";
  diagnostics.error(Code::WrongType, entry->keyRange,
                    "`" + name + "` is " + describe(entry->value.type) + "; expected " + heading);
  return nullptr;
}

void Resolver::checkTopKeys() {
  for (const Entry &entry : root.entries) {
    bool known = false;
    for (const std::string &key : topKeys())
      known |= key == entry.key;
    if (!known)
      reader.unknownKey(entry, topKeys(), {"the spec", entry.keyRange, std::nullopt, {}});
  }
  for (const char *name : {"arch", "block", "stage"})
    if (!root.find(name))
      diagnostics.error(Code::MissingKey, root.range,
                        std::string("the spec has no `") + name + "`; expected `" + tableSchema(name).heading + "`");
}

// --- [arch] --------------------------------------------------------------------------

void Resolver::resolveArch() {
  const Entry *arch = table("arch", NodeType::Table);
  if (!arch)
    return;
  bool ok = true;
  Component values = reader.read(arch->value, tableSchema("arch").rows, {"`[arch]`", arch->keyRange, std::nullopt, {}}, ok);
  if (const Value *edition = values.find("edition")) {
    result.edition = std::get<int64_t>(edition->data);
    if (result.edition != 1)
      diagnostics.error(Code::WrongEdition, edition->source,
                        "`edition` is `" + std::to_string(result.edition) + "`; expected `1`, the edition that this archc reads");
  }
  if (const Value *name = values.find("name"))
    result.name = std::get<std::string>(name->data);
  if (const Value *classes = values.find("classes"))
    result.classes = std::get<int64_t>(classes->data);
  resolveInput(arch->value);
  resolvePreprocess(arch->value);
}

void Resolver::resolveInput(const Node &arch) {
  const Entry *input = arch.find("input");
  Node none;
  bool ok = true;
  const Node &node = input && input->value.type == NodeType::Table ? input->value : none;
  Component values = reader.read(node, tableSchema("arch.input").rows, {"`input`", node.range, std::nullopt, {}}, ok);
  if (ok)
    result.input = {values.getInt("channels"), values.getInt("height"), values.getInt("width")};
}

/// `mean` or `std`: one value per channel.
std::vector<double> Resolver::channelValues(const Component &values, const std::string &key,
                                            const std::vector<double> &imageNet) {
  auto channels = static_cast<size_t>(result.input.channels);
  const Value *value = values.find(key);
  if (!value)
    return channels == imageNet.size() ? imageNet : std::vector<double>(channels, 0.5);
  auto numbers = std::get<std::vector<double>>(value->data);
  if (numbers.size() != channels)
    diagnostics.error(Code::ConflictingKeys, value->source,
                      "`" + key + "` has " + std::to_string(numbers.size()) + " values; expected " + std::to_string(channels) +
                          ", one per channel of `input`");
  return numbers;
}

void Resolver::resolvePreprocess(const Node &arch) {
  const Entry *entry = arch.find("preprocess");
  Node none;
  bool ok = true;
  const Node &node = entry && entry->value.type == NodeType::Table ? entry->value : none;
  Component values = reader.read(node, tableSchema("arch.preprocess").rows, {"`preprocess`", node.range, std::nullopt, {}}, ok);
  if (!ok)
    return;
  result.preprocess.cropPct = values.getFloat("crop_pct");
  result.preprocess.interpolation = values.getString("interpolation");
  result.preprocess.mean = channelValues(values, "mean", {0.485, 0.456, 0.406});
  result.preprocess.std = channelValues(values, "std", {0.229, 0.224, 0.225});
}

// --- Stages --------------------------------------------------------------------------

void Resolver::resolveStage(const Node &node) {
  Stage stage;
  StageFacts fact;
  StageBlocks blocks;
  stage.index = static_cast<int>(result.stages.size());
  stage.source = blocks.stageRange = node.range;
  stage.embedPath = stage.index ? "stages." + std::to_string(stage.index) + ".downsample" : "stem";
  std::string name = "stage " + std::to_string(stage.index + 1);
  bool ok = node.type == NodeType::Table;
  if (ok) {
    Component values = reader.read(node, tableSchema("stage").rows, {name, node.range, std::nullopt, {}}, ok);
    const Value *dim = values.find("dim"), *embed = values.find("embed"), *position = values.find("position");
    fact.complete = dim && embed;
    if (dim)
      stage.dim = std::get<int64_t>(dim->data), fact.dim = dim->source;
    if (embed)
      stage.embed = *std::get<ComponentPtr>(embed->data);
    if (position)
      stage.position = *std::get<ComponentPtr>(position->data);
    if (const Value *depth = values.find("depth"))
      blocks.depth = std::get<int64_t>(depth->data), blocks.depthRange = depth->source;
    const Entry *pattern = node.find("blocks");
    blocks.blocks = pattern ? &pattern->value : nullptr;
  } else {
    diagnostics.error(Code::WrongType, node.range, "`stage` holds " + describe(node.type) + "; expected `[[stage]]` tables");
  }
  bool givesCounts = blocks.blocks && blocks.blocks->type == NodeType::Array && !blocks.blocks->items.empty() &&
                     blocks.blocks->items[0].type == NodeType::Table;
  if (ok && !blocks.depth && !givesCounts)
    diagnostics.error(Code::MissingKey, node.range,
                      name + " has no `depth`; expected " + describeType(*findRow(tableSchema("stage").rows, "depth")));
  result.stages.push_back(std::move(stage));
  facts.push_back(fact);
  stageBlocks.push_back(blocks);
}

void Resolver::resolveStages() {
  constexpr size_t mostStages = 64;
  const Entry *stages = table("stage", NodeType::Array);
  if (!stages)
    return;
  if (stages->value.items.empty() || stages->value.items.size() > mostStages) {
    diagnostics.error(Code::OutOfRange, stages->keyRange,
                      "the spec has " + std::to_string(stages->value.items.size()) + " stages; expected 1 to " +
                          std::to_string(mostStages));
    return;
  }
  for (const Node &node : stages->value.items)
    resolveStage(node);
  resolveStageBlocks();
}

void Resolver::resolveStageBlocks() {
  constexpr size_t mostBlocks = 4096;
  const Entry *alternate = root.find("alternate");
  std::vector<std::vector<Placement>> placed = placeBlocks(stageBlocks, alternate, diagnostics);
  size_t total = 0;
  for (const auto &placements : placed)
    total += placements.size();
  const Entry *stages = root.find("stage");
  if (total > mostBlocks) {
    diagnostics.error(Code::TooLarge, stages->keyRange,
                      "the stages have " + std::to_string(total) + " blocks in all; expected at most " +
                          std::to_string(mostBlocks));
    return;
  }
  for (size_t i = 0; i < placed.size(); ++i) {
    const Entry *stageOverride = stages->value.items[i].find("override");
    bool usable = stageOverride && stageOverride->value.type == NodeType::Table;
    placeIn(result.stages[i], placed[i], usable ? &stageOverride->value : nullptr);
  }
}

/// Blocks of one name are alike within a stage: each is resolved once and copied.
void Resolver::placeIn(Stage &stage, const std::vector<Placement> &placements, const Node *stageOverride) {
  std::map<std::string, std::optional<Block>> resolved;
  for (size_t i = 0; i < placements.size(); ++i) {
    const Placement &placement = placements[i];
    auto known = resolved.find(placement.use);
    if (known == resolved.end())
      known = resolved.emplace(placement.use, blockResolver.resolve(placement.use, stageOverride, placement.rule)).first;
    if (!known->second)
      continue;
    Block block = *known->second;
    block.path = "stages." + std::to_string(stage.index) + ".blocks." + std::to_string(i);
    block.ruleSource = placement.rule;
    stage.blocks.push_back(std::move(block));
  }
}

// --- [head] and [budget] ---------------------------------------------------------------

void Resolver::resolveHead() {
  const Entry *head = table("head", NodeType::Table);
  Node none;
  const Node &node = head ? head->value : none;
  bool ok = true;
  result.head.source = head ? head->keyRange : SourceRange{};
  Component values = reader.read(node, tableSchema("head").rows, {"`[head]`", result.head.source, std::nullopt, {}}, ok);
  if (!ok)
    return;
  result.head.order = values.getString("order");
  result.head.pool = values.getString("pool");
  result.head.norm = values.getComponent("norm");
  result.head.classifier = values.getComponent("classifier");
}

void Resolver::resolveBudget() {
  const Entry *budget = table("budget", NodeType::Table);
  if (!budget)
    return;
  bool ok = true;
  reader.read(budget->value, tableSchema("budget").rows, {"`[budget]`", budget->keyRange, std::nullopt, {}}, ok);
  const std::pair<const char *, Limit *> limits[] = {{"params", &result.budget.params},
                                                     {"macs", &result.budget.macs},
                                                     {"activations", &result.budget.activations},
                                                     {"peak_memory", &result.budget.peakMemory},
                                                     {"artifact_size", &result.budget.artifactSize},
                                                     {"latency", &result.budget.latency}};
  for (const auto &[key, limit] : limits) {
    const Entry *entry = budget->value.find(key);
    if (!entry || entry->value.type != NodeType::Table)
      continue;
    Component values = reader.read(entry->value, tableSchema("budget.*").rows,
                                   {std::string("`") + key + "`", entry->keyRange, std::nullopt, {}}, ok);
    limit->source = entry->keyRange;
    if (values.find("max"))
      limit->max = values.getFloat("max");
    if (values.find("min"))
      limit->min = values.getFloat("min");
  }
}

std::vector<StageFacts> Resolver::run() {
  checkTopKeys();
  resolveArch();
  blockResolver.checkAll();
  resolveStages();
  resolveHead();
  resolveBudget();
  return std::move(facts);
}

} // namespace

std::vector<StageFacts> resolveTree(const Node &root, Architecture &result, DiagnosticEngine &diagnostics) {
  return Resolver(root, result, diagnostics).run();
}

} // namespace archc::spec
