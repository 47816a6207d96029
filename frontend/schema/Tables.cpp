//===- Tables.cpp - The rows of the tables that are not components --------===//

#include "frontend/schema/Schema.h"

#include <algorithm>
#include <cassert>
#include <set>

namespace archc::spec {

namespace {

/// A row, said in the order in which one reads it: `Row("dim", ValueType::Int).range(1, 65536).unit("channels")...`.
struct Row {
  KeyRow row;

  Row(const char *name, ValueType type) { row.name = name, row.type = type; }
  Row &&range(double low, double high) && { return row.min = low, row.max = high, std::move(*this); }
  Row &&choices(std::vector<std::string> words) && { return row.choices = std::move(words), std::move(*this); }
  Row &&unit(const char *text) && { return row.unit = text, std::move(*this); }
  Row &&slot(Slot slot) && { return row.slot = slot, std::move(*this); }
  Row &&optional() && { return row.optional = true, std::move(*this); }
  template <typename T> Row &&byDefault(T value) && { return row.defaultValue = Value{std::move(value), {}}, std::move(*this); }
  Row &&kindByDefault(const char *kind) && {
    Component component;
    component.kind = kind;
    return std::move(*this).byDefault(ComponentPtr(std::make_shared<const Component>(std::move(component))));
  }
  KeyRow says(const char *help, const char *example) && {
    row.help = help, row.example = example;
    return std::move(row);
  }
};

using V = ValueType;
using Words = std::vector<std::string>;

TableSchema archTable() {
  return {
      "arch",
      "[arch]",
      "What the model is called, what it takes in and what it tells apart.",
      {Row("edition", V::Int).says("The edition of the language that the spec is written in.", "1"),
       Row("name", V::String).says("The model's name; shipped specs are called `<family>_<size>`.", "\"caformer_s18\""),
       Row("classes", V::Int)
           .range(0, 1 << 20)
           .unit("classes")
           .byDefault<int64_t>(1000)
           .says("How many classes the head tells apart; with 0 the model gives features and has no classifier.", "1000"),
       Row("extends", V::String)
           .optional()
           .says("A spec that this one alters: a path relative to this file, or the name of a shipped spec.", "\"s18.toml\""),
       Row("input", V::Table).optional().says("The size of an image as the model takes it in.", "{ height = 384, width = 384 }"),
       Row("preprocess", V::Table)
           .optional()
           .says("How an image becomes an input, as in timm's data configuration.", "{ crop_pct = 0.9 }")}};
}

TableSchema inputTable() {
  return {"arch.input",
          "[arch] input",
          "The size of an image as the model takes it in.",
          {Row("channels", V::Int).range(1, 4096).unit("channels").byDefault<int64_t>(3).says("Channels of the input.", "3"),
           Row("height", V::Int).range(1, 65536).unit("pixels").byDefault<int64_t>(224).says("Height of the input.", "224"),
           Row("width", V::Int).range(1, 65536).unit("pixels").byDefault<int64_t>(224).says("Width of the input.", "224")}};
}

TableSchema preprocessTable() {
  return {"arch.preprocess",
          "[arch] preprocess",
          "How an image becomes an input, as in timm's data configuration.",
          {Row("crop_pct", V::Float)
               .range(0.01, 1)
               .byDefault(1.0)
               .says("The side of the centre crop over the side that the image is resized to.", "0.9"),
           Row("interpolation", V::String)
               .choices({"bicubic", "bilinear"})
               .byDefault<std::string>("bicubic")
               .says("How the image is resized, with antialiasing.", "\"bicubic\""),
           Row("mean", V::FloatList)
               .optional()
               .says("Subtracted from each channel, of values in [0, 1]; absent: ImageNet's for three channels, else 0.5.",
                     "[0.485, 0.456, 0.406]"),
           Row("std", V::FloatList)
               .optional()
               .says("What each channel is divided by, after the mean; absent: ImageNet's for three channels, else 0.5.",
                     "[0.229, 0.224, 0.225]")}};
}

KeyRow orderRow() {
  return Row("order", V::String)
      .choices({"pre_norm", "post_norm", "res_post_norm"})
      .byDefault<std::string>("pre_norm")
      .says("Where the norm stands: `x + f(norm(x))`, `norm(x + f(x))` or `x + norm(f(x))`.", "\"pre_norm\"");
}

KeyRow normRow(const char *help) {
  return Row("norm", V::Component).slot(Slot::Norm).kindByDefault("none").says(help, "{ kind = \"layer_norm\", eps = 1e-6 }");
}

KeyRow scaleRow() {
  return Row("scale", V::Component)
      .slot(Slot::Scale)
      .kindByDefault("none")
      .says("What multiplies the branch (`layer`), the shortcut (`residual`) or both (`branch`).",
            "{ kind = \"layer\", init = 1e-5 }");
}

TableSchema blockTable() {
  return {"block",
          "[block.NAME]",
          "A block of residual branches. Norm, activation, scale and order hold for all its branches; inside `mixer` or "
          "`channel` they hold for that branch.",
          {Row("extends", V::String).optional().says("The block that this one alters.", "\"conv\""),
           Row("branches", V::StringList)
               .choices({"mixer", "channel"})
               .byDefault(Words{"mixer", "channel"})
               .says("The residual branches, in order.", "[\"mixer\", \"channel\"]"),
           Row("arrangement", V::String)
               .choices({"sequential", "parallel"})
               .byDefault<std::string>("sequential")
               .says("Whether each branch reads the sum so far, or all read the block's input.", "\"sequential\""),
           orderRow(), normRow("The norm of each branch."),
           Row("activation", V::Component)
               .slot(Slot::Activation)
               .optional()
               .says("The activation of every mixer and channel of the block that has one; absent: the default of its kind.",
                     "\"gelu\""),
           scaleRow(),
           Row("mixer", V::Component)
               .slot(Slot::Mixer)
               .optional()
               .says("What mixes positions; required when `branches` has `mixer`.", "{ kind = \"pooling\", size = 3 }"),
           Row("channel", V::Component)
               .slot(Slot::Channel)
               .optional()
               .says("What mixes channels; required when `branches` has `channel`.", "{ kind = \"mlp\", ratio = 4 }")}};
}

TableSchema stageTable() {
  return {"stage",
          "[[stage]]",
          "A stage: an embedding, then blocks of one width at one map size. Stages are addressed by number, from 1.",
          {Row("dim", V::Int).range(1, 65536).unit("channels").says("The width of the stage.", "64"),
           Row("depth", V::Int)
               .range(1, 1024)
               .unit("blocks")
               .optional()
               .says("How many blocks; may be left out where `blocks` gives counts.", "3"),
           Row("blocks", V::Blocks)
               .optional()
               .says("Which block where: a name, a pattern, counts, or a rule; absent: `[alternate]` says it.",
                     "[\"conv\", \"attn\"]"),
           Row("embed", V::Component)
               .slot(Slot::Embed)
               .kindByDefault("none")
               .says("What stands before the blocks and sets width and map size.",
                     "{ kind = \"conv\", kernel = 3, stride = 2, padding = 1 }"),
           Row("position", V::Component)
               .slot(Slot::Position)
               .kindByDefault("none")
               .says("A position embedding added after `embed`.", "\"learned\""),
           Row("override", V::Table)
               .optional()
               .says("Keys of a block, changed for this stage's copies of its blocks.", "{ mixer.kernel = 5 }")}};
}

std::vector<KeyRow> ruleRows() {
  return {
      Row("base", V::String).says("The block that stands wherever no other does.", "\"conv\""),
      Row("alternate", V::String).optional().says("The block that the rule puts in.", "\"attn\""),
      Row("every", V::Int).range(1, 1024).unit("blocks").byDefault<int64_t>(2).says("The distance between two alternates.", "2"),
      Row("anchor", V::String)
          .choices({"last", "first"})
          .byDefault<std::string>("last")
          .says("The end that is counted from; the block there is an alternate.", "\"last\""),
      Row("count", V::Int).range(0, 65536).unit("blocks").optional().says("The most alternates; absent: as many as fit.", "2"),
      Row("at", V::Positions)
          .optional()
          .says("Positions and their blocks, instead of `alternate`: from 1, or negative from the end.",
                "{ \"1\" = \"attn\", \"-1\" = \"attn\" }")};
}

TableSchema rulesTable() { return {"stage.blocks", "[[stage]] blocks", "The rule form of `blocks`.", ruleRows()}; }

TableSchema alternateTable() {
  TableSchema table{"alternate", "[alternate]",
                    "The same rule over the whole network: it counts through the blocks of all stages that give no `blocks`, as "
                    "if they were one.",
                    ruleRows()};
  table.rows.push_back(
      Row("stages", V::IntList)
          .range(1, 1024)
          .unit("stages")
          .optional()
          .says("The stages, from 1, that the rule counts through; the others are all `base`. Absent: all that give no `blocks`.",
                "[3, 4]"));
  return table;
}

TableSchema headTable() {
  return {
      "head",
      "[head]",
      "From the last map to the classes.",
      {Row("order", V::String)
           .choices({"norm_pool", "pool_norm"})
           .byDefault<std::string>("norm_pool")
           .says("Whether the norm stands before or after the pooling.", "\"pool_norm\""),
       normRow("The norm before or after the pooling."),
       Row("pool", V::String).choices({"avg"}).byDefault<std::string>("avg").says("How the map becomes one vector.", "\"avg\""),
       Row("classifier", V::Component)
           .slot(Slot::Classifier)
           .kindByDefault("linear")
           .says("From the vector to the classes; there is none when `classes` is 0.", "\"linear\"")}};
}

TableSchema budgetTable() {
  auto limit = [](const char *name, const char *unit, const char *help, const char *example) {
    return Row(name, V::Table).optional().unit(unit).says(help, example);
  };
  return {"budget",
          "[budget]",
          "Limits that the model has to keep to, each with `max`, `min` or both; otherwise the exit code is 3.",
          {limit("params", "parameters", "Trainable and frozen ones, running statistics left out; checked by `check`.",
                 "{ max = 27e6 }"),
           limit("macs", "multiply-accumulates", "For one image; checked by `check`.", "{ max = 4.2e9 }"),
           limit("activations", "elements",
                 "What convolutions, linears and matrix products put out for one image; checked by `check`.", "{ max = 30e6 }"),
           limit("peak_memory", "bytes", "The planned arena at batch 1; checked by `compile`.", "{ max = 32e6 }"),
           limit("artifact_size", "bytes", "The artifact's file; checked by `compile`.", "{ max = 2e6 }"),
           limit("latency", "milliseconds", "One image; checked by `bench`.", "{ max = 20 }")}};
}

TableSchema limitTable() {
  return {"budget.*",
          "[budget] limits",
          "A limit.",
          {Row("max", V::Float).range(0, 1e300).optional().says("The most allowed.", "27e6"),
           Row("min", V::Float).range(0, 1e300).optional().says("The least allowed.", "1e6")}};
}

TableSchema overrideTable() {
  return {"override",
          "[[override]]",
          "Keys of a stage, changed after inheritance: `stage = 3` followed by keys of `[[stage]]`.",
          {Row("stage", V::Int).range(1, 1024).unit("stages").says("The stage, from 1.", "3")}};
}

} // namespace

const std::vector<TableSchema> &specTables() {
  static const std::vector<TableSchema> tables = {archTable(),     inputTable(),  preprocessTable(), blockTable(),
                                                  stageTable(),    rulesTable(),  alternateTable(),  headTable(),
                                                  overrideTable(), budgetTable(), limitTable()};
  return tables;
}

const std::vector<TableSchema> &allTables(Language language) {
  return language == Language::Spec ? specTables() : recipeTables();
}

static const TableSchema *findTable(const std::string &path) {
  for (Language language : {Language::Spec, Language::Recipe})
    for (const TableSchema &table : allTables(language))
      if (table.path == path)
        return &table;
  return nullptr;
}

const TableSchema &tableSchema(const std::string &path) {
  const TableSchema *table = findTable(path);
  assert(table && "a table of the language");
  return *table;
}

const TableSchema *tableBelow(const TableSchema &parent, const KeyRow &row) {
  const TableSchema *table = findTable(parent.path + "." + row.name);
  return table ? table : findTable(parent.path + ".*");
}

const KeyRow *findRow(const std::vector<KeyRow> &rows, const std::string &key) {
  auto found = std::find_if(rows.begin(), rows.end(), [&](const KeyRow &row) { return row.name == key; });
  return found == rows.end() ? nullptr : &*found;
}

const std::vector<KeyRow> &branchRows() {
  static const std::vector<KeyRow> rows = {orderRow(), normRow("The norm of this branch; absent: the block's."), scaleRow()};
  return rows;
}

bool isComponentKey(const std::string &key) {
  static const std::set<std::string> keys = [] {
    std::set<std::string> found;
    auto collect = [&](const std::vector<KeyRow> &rows) {
      for (const KeyRow &row : rows)
        if (row.type == ValueType::Component)
          found.insert(row.name);
    };
    for (Language language : {Language::Spec, Language::Recipe}) {
      for (const TableSchema &table : allTables(language)) {
        collect(table.rows);
        if (table.slot)
          found.insert(table.path);
      }
      for (Slot slot : allSlots(language))
        for (const ComponentKind *kind : kindsOf(slot))
          collect(kind->keys);
    }
    return found;
  }();
  return keys.count(key) != 0;
}

std::string slotName(Slot slot) {
  static const char *const names[] = {"mixer",    "channel",    "norm",      "activation", "scale",     "embed",
                                      "position", "classifier", "optimizer", "clip",       "sharpness", "schedule",
                                      "crop",     "policy",     "erase",     "loss"};
  return names[static_cast<size_t>(slot)];
}

const std::vector<Slot> &allSlots(Language language) {
  static const std::vector<Slot> ofSpecs = {Slot::Mixer, Slot::Channel, Slot::Norm,     Slot::Activation,
                                            Slot::Scale, Slot::Embed,   Slot::Position, Slot::Classifier};
  static const std::vector<Slot> ofRecipes = {Slot::Optimizer, Slot::Clip,   Slot::Sharpness, Slot::Schedule,
                                              Slot::Crop,      Slot::Policy, Slot::Erase,     Slot::Loss};
  return language == Language::Spec ? ofSpecs : ofRecipes;
}

} // namespace archc::spec
