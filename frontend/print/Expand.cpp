#include "frontend/print/Expand.h"
#include "frontend/print/TomlText.h"
#include "frontend/schema/Schema.h"

#include <algorithm>
#include <map>

namespace archc::spec {

// --- Blocks --------------------------------------------------------------------------

/// `mixer = { ... }` with those keys of its branch that the block does not state for all.
static std::string branchText(const Branch &branch, const std::vector<std::pair<std::string, std::string>> &own) {
  if (own.empty())
    return componentText(branch.function);
  std::string text = "{ kind = " + quote(branch.function.kind);
  for (const auto &[key, value] : own)
    text += ", " + key + " = " + value;
  for (const auto &[key, value] : branch.function.keys)
    text += ", " + key + " = " + valueText(value);
  return text + " }";
}

/// The body of a [block.NAME]. Two blocks of equal bodies are the same block.
static std::string blockBody(const Block &block) {
  std::vector<std::string> names;
  for (const Branch &branch : block.branches)
    names.push_back(branch.name);
  std::string text = "branches = " + arrayText(names, quote) + "\narrangement = " + quote(block.arrangement) + "\n";
  std::vector<std::vector<std::pair<std::string, std::string>>> own(block.branches.size());
  auto share = [&](const std::string &key, auto textOf) {
    std::vector<std::string> values;
    for (const Branch &branch : block.branches)
      values.push_back(textOf(branch));
    if (std::equal(values.begin() + 1, values.end(), values.begin())) {
      text += key + " = " + values[0] + "\n";
      return;
    }
    for (size_t i = 0; i < values.size(); ++i)
      own[i].emplace_back(key, values[i]);
  };
  share("order", [](const Branch &branch) { return quote(branch.order); });
  share("norm", [](const Branch &branch) { return componentText(branch.norm); });
  share("scale", [](const Branch &branch) { return componentText(branch.scale); });
  for (size_t i = 0; i < block.branches.size(); ++i)
    text += block.branches[i].name + " = " + branchText(block.branches[i], own[i]) + "\n";
  return text;
}

namespace {

/// Gives each different block a name: its own, or with the stage's number where an override made it differ.
class BlockNames {
public:
  explicit BlockNames(const Architecture &architecture) {
    for (const Stage &stage : architecture.stages)
      for (const Block &block : stage.blocks)
        written.push_back(block.use);
  }

  std::string nameOf(const Block &block, int stage) {
    auto key = std::make_pair(block.use, blockBody(block));
    auto known = names.find(key);
    if (known != names.end())
      return known->second;
    std::string name = block.use;
    for (int attempt = 0; bodies.count(name) || (attempt && isWritten(name)); ++attempt)
      name = block.use + "_stage" + std::to_string(stage + 1) + (attempt ? "_" + std::to_string(attempt + 1) : "");
    bodies.emplace(name, key.second);
    order.push_back(name);
    names.emplace(std::move(key), name);
    return name;
  }

  std::string text() const {
    std::string result;
    for (const std::string &name : order)
      result += "\n[block." + keyText(name) + "]\n" + bodies.at(name);
    return result;
  }

private:
  bool isWritten(const std::string &name) const { return std::find(written.begin(), written.end(), name) != written.end(); }

  std::vector<std::string> written, order;
  std::map<std::pair<std::string, std::string>, std::string> names;
  std::map<std::string, std::string> bodies;
};

} // namespace

// --- The spec ------------------------------------------------------------------------

static std::string archText(const Architecture &architecture) {
  const Input &input = architecture.input;
  const Preprocess &preprocess = architecture.preprocess;
  std::string text = "[arch]\nedition = " + std::to_string(architecture.edition) + "\nname = " + quote(architecture.name) +
                     "\nclasses = " + std::to_string(architecture.classes) + "\n";
  text += "input = { channels = " + std::to_string(input.channels) + ", height = " + std::to_string(input.height) +
          ", width = " + std::to_string(input.width) + " }\n";
  text += "preprocess = { crop_pct = " + tomlNumber(preprocess.cropPct) + ", interpolation = " + quote(preprocess.interpolation) +
          ", mean = " + arrayText(preprocess.mean, tomlNumber) + ", std = " + arrayText(preprocess.std, tomlNumber) + " }\n";
  return text;
}

static std::string stageText(const Stage &stage, BlockNames &names) {
  std::vector<std::string> uses;
  for (const Block &block : stage.blocks)
    uses.push_back(names.nameOf(block, stage.index));
  bool alike = std::equal(uses.begin() + 1, uses.end(), uses.begin());
  std::string text = "\n[[stage]]\ndim = " + std::to_string(stage.dim) + "\ndepth = " + std::to_string(uses.size()) + "\n";
  text += "blocks = " + (alike ? quote(uses[0]) : arrayText(uses, quote)) + "\n";
  return text + "embed = " + componentText(stage.embed) + "\nposition = " + componentText(stage.position) + "\n";
}

static std::string headText(const Head &head) {
  return "\n[head]\norder = " + quote(head.order) + "\nnorm = " + componentText(head.norm) + "\npool = " + quote(head.pool) +
         "\nclassifier = " + componentText(head.classifier) + "\n";
}

static std::string budgetText(const Budget &budget) {
  const std::pair<const char *, const Limit *> limits[] = {{"params", &budget.params},
                                                           {"macs", &budget.macs},
                                                           {"activations", &budget.activations},
                                                           {"peak_memory", &budget.peakMemory},
                                                           {"artifact_size", &budget.artifactSize},
                                                           {"latency", &budget.latency}};
  std::string text;
  for (const auto &[key, limit] : limits) {
    std::vector<std::string> bounds;
    if (limit->max)
      bounds.push_back("max = " + tomlNumber(*limit->max));
    if (limit->min)
      bounds.push_back("min = " + tomlNumber(*limit->min));
    if (!bounds.empty())
      text += std::string(key) + " = { " + bounds[0] + (bounds.size() > 1 ? ", " + bounds[1] : "") + " }\n";
  }
  return text.empty() ? "" : "\n[budget]\n" + text;
}

std::string expandedSpec(const Architecture &architecture) {
  BlockNames names(architecture);
  std::string stages;
  for (const Stage &stage : architecture.stages)
    stages += stageText(stage, names);
  return archText(architecture) + names.text() + stages + headText(architecture.head) + budgetText(architecture.budget);
}

} // namespace archc::spec
