#include "frontend/print/Summary.h"
#include "frontend/cost/Costs.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace archc::spec {

/// "9 x attn", or "4 x conv, 2 x attn" in the order of first use.
static std::string blocksText(const Stage &stage) {
  std::vector<std::pair<std::string, int>> counts;
  for (const Block &block : stage.blocks) {
    auto known = std::find_if(counts.begin(), counts.end(), [&](const auto &entry) { return entry.first == block.use; });
    if (known == counts.end())
      counts.emplace_back(block.use, 1);
    else
      ++known->second;
  }
  std::string text;
  for (const auto &[use, count] : counts)
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " x " + use;
  return text;
}

// --- JSON ----------------------------------------------------------------------------

using Json = nlohmann::ordered_json;

static Json totalsJson(const Totals &totals) {
  return {{"params", totals.params},  {"trainable_params", totals.trainableParams},
          {"macs", totals.cost.macs}, {"pointwise", totals.cost.pointwise},
          {"flops", totals.flops()},  {"activations", totals.cost.activations}};
}

std::string summaryJson(const Architecture &architecture, PeakMemory peakMemory) {
  const Input &input = architecture.input;
  Json summary = {
      {"name", architecture.name}, {"input", {input.channels, input.height, input.width}}, {"classes", architecture.classes}};
  summary.update(totalsJson(totalsOf(architecture)));
  if (peakMemory) {
    summary["peak_memory_bytes"] = peakMemory->arena;
    summary["peak_memory_lower_bound"] = peakMemory->lowerBound;
  }
  summary["stages"] = Json::array();
  for (const Stage &stage : architecture.stages) {
    Json entry = {{"index", stage.index},
                  {"dim", stage.dim},
                  {"height", stage.height},
                  {"width", stage.width},
                  {"depth", stage.blocks.size()}};
    entry["blocks"] = Json::array();
    for (const Block &block : stage.blocks)
      entry["blocks"].push_back(block.use);
    entry.update(totalsJson(totalsOf(stage)));
    summary["stages"].push_back(entry);
  }
  summary["head"] = totalsJson(totalsOf(architecture.head));
  return summary.dump(2) + "\n";
}

// --- The table -------------------------------------------------------------------------

/// 26,341,656
static std::string grouped(int64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

using Row = std::vector<std::string>;

static Row rowOf(const std::string &part, const std::string &blocks, const std::string &shape, const Totals &totals) {
  return {part,
          blocks,
          shape,
          grouped(totals.params),
          grouped(totals.cost.macs),
          grouped(totals.flops()),
          grouped(totals.cost.activations)};
}

/// Words to the left, numbers to the right.
static std::string aligned(const std::vector<Row> &rows) {
  constexpr size_t wordColumns = 3;
  std::vector<size_t> widths(rows[0].size(), 0);
  for (const Row &row : rows)
    for (size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const Row &row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      std::string padding(widths[i] - row[i].size(), ' ');
      line += (i ? "  " : "") + (i < wordColumns ? row[i] + padding : padding + row[i]);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string summaryTable(const Architecture &architecture, PeakMemory peakMemory) {
  const Input &input = architecture.input;
  std::vector<Row> rows = {{"part", "blocks", "output", "params", "MACs", "FLOPs", "activations"}};
  for (const Stage &stage : architecture.stages) {
    std::string shape = std::to_string(stage.dim) + " x " + std::to_string(stage.height) + " x " + std::to_string(stage.width);
    rows.push_back(rowOf("stage " + std::to_string(stage.index + 1), blocksText(stage), shape, totalsOf(stage)));
  }
  int64_t features = architecture.classes ? architecture.classes : architecture.stages.back().dim;
  rows.push_back(rowOf("head", "", std::to_string(features), totalsOf(architecture.head)));
  Totals totals = totalsOf(architecture);
  rows.push_back(rowOf("total", "", "", totals));
  std::string text = architecture.name + ", input " + std::to_string(input.channels) + " x " + std::to_string(input.height) +
                     " x " + std::to_string(input.width) + ", for one image\n\n" + aligned(rows);
  if (totals.params != totals.trainableParams)
    text += "\n" + grouped(totals.trainableParams) + " parameters are trainable, " +
            grouped(totals.params - totals.trainableParams) + " frozen";
  text += "\nFLOPs are 2 x MACs and " + grouped(totals.cost.pointwise) + " of pointwise work\n";
  if (peakMemory)
    text += "peak memory " + grouped(peakMemory->arena) +
            " bytes: the planned arena at batch 1, weights not counted; the order of steps needs " +
            grouped(peakMemory->lowerBound) + "\n";
  return text;
}

} // namespace archc::spec
