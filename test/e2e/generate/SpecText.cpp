#include "test/e2e/generate/SpecText.h"

#include "test/e2e/generate/BlockText.h"

namespace archc::test {

using spec::Slot;

namespace {

struct Geometry {
  const char *kernel, *stride, *padding;
};

/// By the level of `embed`: the stem's, and that of later stages. None lets a side of at least 16 pixels vanish in three stages.
struct Embedding {
  Geometry stem, later;
};

const Embedding &embeddingOf(const std::string &level) {
  static const std::map<std::string, Embedding> table = {
      {"patch", {{"4", "4", "0"}, {"2", "2", "0"}}},
      {"overlap", {{"7", "4", "2"}, {"3", "2", "1"}}},
      {"uneven", {{"[3, 5]", "[2, 3]", "[1, 2]"}, {"[3, 1]", "[2, 1]", "[1, 0]"}}},
      {"none", {{"3", "3", "1"}, {"3", "2", "1"}}},
  };
  return table.at(level);
}

struct WidthFamily {
  std::vector<int64_t> widths;
  int64_t common; // divides each of them
};

const WidthFamily &widthsOf(const std::string &level) {
  static const std::map<std::string, WidthFamily> table = {
      {"eights", {{8, 16, 24, 32, 40, 48}, 8}},
      {"threes", {{9, 15, 21, 27, 33, 39, 45}, 3}},
      {"primes", {{5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47}, 1}},
  };
  return table.at(level);
}

class SpecWriter {
public:
  SpecWriter(const SpecLevels &blocks, Draw &draw, Extras extras)
      : blocks(blocks), levels(blocks.main), draw(draw), extras(extras), family(widthsOf(levelOf(levels, FactorId::Widths))),
        few(grows(blocks.main) || grows(blocks.other)), components(draw, family.common) {}

  std::string write(const std::string &name);

private:
  std::string archTable(const std::string &name);
  std::string inputTable();
  std::string blockTables();
  std::string stageTables();
  std::string stageTable(int64_t index);
  std::string embed(int64_t index);
  std::string embedNorms(int64_t index);
  std::string placement(int64_t index);
  std::string alternateTable();
  std::string headTable();
  std::string overrideTable();
  std::string someNorm();
  bool isNetworkWide() const { return levelOf(levels, FactorId::Placement).rfind("network", 0) == 0; }

  const SpecLevels &blocks;
  const Assignment &levels; // of the model
  Draw &draw;
  Extras extras;
  const WidthFamily &family;
  bool few; // blocks
  ComponentText components;
  int64_t stages = 2, width = 0;
};

std::string line(const std::string &key, const std::string &value) { return key + " = " + value + "\n"; }

std::string SpecWriter::someNorm() {
  std::vector<std::string> names;
  for (const spec::ComponentKind *kind : spec::kindsOf(Slot::Norm))
    if (kind->name != "none")
      names.push_back(kind->name);
  return components.write(Slot::Norm, draw.of(names));
}

// --- [arch] ----------------------------------------------------------------------------

std::string SpecWriter::inputTable() {
  const std::string &level = levelOf(levels, FactorId::Input);
  int64_t shorter = draw.between(16, 24), longer = draw.between(25, 40);
  int64_t height = level == "wide" ? shorter : longer, width = level == "tall" ? shorter : longer;
  if (level == "square" || level == "one_channel")
    height = width = draw.between(16, 32);
  int64_t channels = level == "one_channel" ? 1 : draw.between(2, 4);
  return "{ channels = " + std::to_string(channels) + ", height = " + std::to_string(height) +
         ", width = " + std::to_string(width) + " }";
}

std::string SpecWriter::archTable(const std::string &name) {
  int64_t classes = has(levels, FactorId::Classifier, "features") ? 0 : draw.between(2, 19);
  return "[arch]\n" + line("edition", "1") + line("name", quoted(name)) + line("classes", std::to_string(classes)) +
         line("input", inputTable());
}

// --- Blocks ----------------------------------------------------------------------------

std::string SpecWriter::blockTables() {
  bool ownKeys = extras == Extras::Overrides && !few;
  BlockText main(blocks.main, draw, family.common), other(blocks.other, draw, family.common);
  std::string text = main.write("main", ownKeys) + "\n";
  if (ownKeys && draw.oneIn(3))
    return text + "[block.other]\n" + line("extends", quoted("main")) + line("mixer", other.mixer());
  return text + other.write("other", ownKeys);
}

// --- Stages ----------------------------------------------------------------------------

std::string SpecWriter::embedNorms(int64_t index) {
  const std::string &level = levelOf(levels, FactorId::EmbedNorm);
  bool both = level == "both", isStem = index == 1;
  std::string text;
  // Before the stem there is nothing to normalise but the image.
  if ((both || level == "pre_norm") && !isStem)
    text += ", pre_norm = " + someNorm();
  if (both || level == "post_norm" || (level == "pre_norm" && isStem))
    text += ", post_norm = " + someNorm();
  return text;
}

std::string SpecWriter::embed(int64_t index) {
  const std::string &level = levelOf(levels, FactorId::Embed);
  const Embedding &embedding = embeddingOf(level);
  const Geometry &geometry = index == 1 ? embedding.stem : embedding.later;
  return std::string("{ kind = \"conv\", kernel = ") + geometry.kernel + ", stride = " + geometry.stride +
         ", padding = " + geometry.padding + (draw.oneIn(2) ? ", bias = false" : "") + embedNorms(index) + " }";
}

/// `depth` and `blocks`; both blocks stand somewhere. Where values grow there are at most three of a kind in all.
std::string SpecWriter::placement(int64_t index) {
  const std::string &level = levelOf(levels, FactorId::Placement);
  std::string two = line("depth", "2"), many = line("depth", few ? "2" : std::to_string(draw.between(2, 3)));
  if (level == "pattern")
    return two + line("blocks", index == 2 ? "[\"other\", \"main\"]" : "[\"main\", \"other\"]");
  if (level == "counts")
    return line("blocks", "[{ use = \"main\", count = 1 }, { use = \"other\", count = " +
                              std::string(few || draw.oneIn(2) ? "1" : "2") + " }]");
  if (level == "every_last")
    return many + line("blocks", "{ base = \"other\", alternate = \"main\", every = 2 }");
  if (level == "every_first")
    return many + line("blocks", "{ base = \"other\", alternate = \"main\", every = 2, anchor = \"first\", count = 1 }");
  if (level == "at")
    return line("depth", few ? "2" : "3") +
           line("blocks", few ? "{ base = \"other\", at = { \"-1\" = \"main\" } }"
                              : "{ base = \"other\", at = { \"1\" = \"main\", \"-1\" = \"main\" } }");
  if (isNetworkWide())
    return two;
  return line("depth", few ? "1" : std::to_string(draw.between(1, 2))) + line("blocks", index == 2 ? "\"other\"" : "\"main\"");
}

std::string SpecWriter::stageTable(int64_t index) {
  bool continues = index == 2 && has(levels, FactorId::Embed, "none");
  if (!continues)
    width = draw.of(family.widths);
  std::string text = "[[stage]]\n" + line("dim", std::to_string(width)) + placement(index);
  if (!continues)
    text += line("embed", embed(index));
  if (index != 2 || extras == Extras::Overrides)
    text += line("position", quoted(levelOf(levels, FactorId::Position)));
  if (extras == Extras::Overrides && draw.oneIn(4))
    text += line("override", "{ scale = " + components.writeAny(Slot::Scale) + " }");
  return text;
}

std::string SpecWriter::stageTables() {
  stages = few ? 2 : draw.between(2, 3);
  std::string text;
  for (int64_t index = 1; index <= stages; ++index)
    text += (index == 1 ? "" : "\n") + stageTable(index);
  return text;
}

std::string SpecWriter::alternateTable() {
  if (!isNetworkWide())
    return "";
  std::string text = "\n[alternate]\n" + line("base", quoted("other")) + line("alternate", quoted("main"));
  if (has(levels, FactorId::Placement, "network_stages"))
    return text + line("every", std::to_string(draw.between(1, 2))) + line("stages", "[" + std::to_string(stages) + "]");
  return text + line("every", std::to_string(draw.between(2, 3))) + line("anchor", quoted(draw.oneIn(2) ? "first" : "last"));
}

// --- [head] and the rest -----------------------------------------------------------------

std::string SpecWriter::headTable() {
  std::string text = "\n[head]\n" + line("order", quoted(levelOf(levels, FactorId::HeadOrder))) +
                     line("norm", components.write(Slot::Norm, levelOf(levels, FactorId::HeadNorm)));
  const std::string &classifier = levelOf(levels, FactorId::Classifier);
  if (classifier == "features")
    return text;
  // The hidden width is a fraction of the last stage's, so that only one group is sure to divide it.
  std::string norm =
      components.write(Slot::Norm, draw.of<std::string>({"layer_norm", "rms_norm", "group_norm", "none"}), {{"groups", "1"}});
  return text + line("classifier", components.write(Slot::Classifier, classifier, {{"norm", norm}}));
}

std::string SpecWriter::overrideTable() {
  bool hasEmbed = stages == 3 || !has(levels, FactorId::Embed, "none");
  if (extras == Extras::None || !hasEmbed || !draw.oneIn(3))
    return "";
  return "\n[[override]]\nstage = " + std::to_string(stages) + "\nembed = { bias = true }\n";
}

std::string SpecWriter::write(const std::string &name) {
  std::string text = archTable(name) + "\n";
  text += blockTables() + "\n";
  text += stageTables();
  text += alternateTable();
  text += headTable();
  return text + overrideTable();
}

} // namespace

std::string writeSpec(const std::string &name, const SpecLevels &levels, Draw &draw, Extras extras) {
  return SpecWriter(levels, draw, extras).write(name);
}

} // namespace archc::test
