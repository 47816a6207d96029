#include "runtime/train/TensorRules.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fnmatch.h>
#include <map>

namespace archrt::train {

namespace {
/// Orders layers as the network does: (0) what stands before the stages, (1, stage, block), (2) the head.
struct Place {
  int part = 0, stage = 0, block = 0;
  bool operator<(const Place &other) const {
    return std::tie(part, stage, block) < std::tie(other.part, other.stage, other.block);
  }
};
} // namespace

static bool startsWith(const std::string &text, const char *begin) { return text.rfind(begin, 0) == 0; }

static Place placeOf(const std::string &name) {
  Place place;
  if (std::sscanf(name.c_str(), "stages.%d.blocks.%d.", &place.stage, &place.block) == 2)
    place.part = 1;
  else if (std::sscanf(name.c_str(), "stages.%d.", &place.stage) == 1) // what leads to the stage's first block
    place = {1, place.stage, 0};
  else if (startsWith(name, "head") || startsWith(name, "norm") || startsWith(name, "fc"))
    place.part = 2;
  return place;
}

static std::string nameOf(const abi::Model &model, const ParamLayout::Entry &entry) {
  return std::string(textOf(model.params()->Get(entry.param)->name()));
}

std::vector<int> layersOf(const abi::Model &model, const ParamLayout &layout) {
  std::map<Place, int> numbers;
  for (const ParamLayout::Entry &entry : layout.entries)
    numbers[placeOf(nameOf(model, entry))];
  int next = 0;
  for (auto &[place, number] : numbers)
    number = next++;
  std::vector<int> layers;
  for (const ParamLayout::Entry &entry : layout.entries)
    layers.push_back(numbers[placeOf(nameOf(model, entry))]);
  return layers;
}

static Status freeze(const abi::Model &model, const ParamLayout &layout, const std::string &pattern,
                     std::vector<TensorRule> &rules) {
  bool matched = false;
  for (size_t i = 0; i < rules.size(); ++i)
    if (fnmatch(pattern.c_str(), nameOf(model, layout.entries[i]).c_str(), 0) == 0)
      matched = rules[i].frozen = true;
  if (!matched)
    return invalid("`", pattern, "` freezes nothing; expected a pattern that matches a trainable parameter, like `stages.0.*`");
  return {};
}

Result<std::vector<TensorRule>> makeTensorRules(const abi::Model &model, const ParamLayout &layout,
                                                const TensorRuleOptions &options) {
  std::vector<TensorRule> rules(layout.entries.size());
  std::vector<int> layers = layersOf(model, layout);
  int last = layers.empty() ? 0 : *std::max_element(layers.begin(), layers.end());
  for (size_t i = 0; i < rules.size(); ++i) {
    const abi::Param &param = *model.params()->Get(layout.entries[i].param);
    rules[i].decay = param.decay() ? options.decay : 0;
    rules[i].rateScale = std::pow(options.layerDecay, last - layers[i]);
    rules[i].units = sizeOf(param.shape()) > 1 ? param.shape()->Get(0) : 1;
    rules[i].adaptiveClip = i + 2 < rules.size();
  }
  for (const std::string &pattern : options.freeze)
    ARCHRT_TRY(freeze(model, layout, pattern, rules));
  if (std::all_of(rules.begin(), rules.end(), [](const TensorRule &rule) { return rule.frozen; }))
    return invalid("nothing is left to train: ", rules.size(), " parameters, all of them frozen");
  return rules;
}

} // namespace archrt::train
