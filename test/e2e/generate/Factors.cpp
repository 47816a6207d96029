#include "test/e2e/generate/Factors.h"

#include "frontend/components/ComponentKind.h"
#include "frontend/schema/Schema.h"

#include <algorithm>

namespace archc::test {

using spec::ComponentKind;
using spec::KeyRow;
using spec::Slot;

/// All kinds of a slot, then `more`.
static std::vector<std::string> kinds(Slot slot, const std::vector<std::string> &more = {}) {
  std::vector<std::string> names;
  for (const ComponentKind *kind : spec::kindsOf(slot))
    names.push_back(kind->name);
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

const std::vector<Factor> &factors() {
  static const std::vector<Factor> table = {
      // group_norm of several groups is a level of its own: with one group it has algebra that others have not.
      {"norm", kinds(Slot::Norm, {"several_groups"})},
      {"affine", {"full", "scale", "none"}},
      {"activation", kinds(Slot::Activation)},
      {"star_relu", {"learned_layer", "learned_channel", "fixed"}},
      {"scale", kinds(Slot::Scale)},
      {"scale_per", {"channel", "layer"}},
      {"mixer", kinds(Slot::Mixer)},
      {"mixer_variant", {"0", "1", "2"}},
      {"channel", kinds(Slot::Channel)},
      {"channel_variant", {"0", "1", "2"}},
      {"branches", {"mixer_channel", "channel_mixer", "mixer", "channel"}},
      {"arrangement", {"sequential", "parallel"}},
      {"order", {"pre_norm", "post_norm", "res_post_norm"}},
      {"embed", {"patch", "overlap", "uneven", "none"}},
      {"embed_norm", {"neither", "pre_norm", "post_norm", "both"}},
      {"position", kinds(Slot::Position)},
      {"placement", {"name", "pattern", "counts", "every_last", "every_first", "at", "network", "network_stages"}},
      {"widths", {"eights", "threes", "primes"}},
      {"input", {"square", "wide", "tall", "one_channel"}},
      {"head_order", {"norm_pool", "pool_norm"}},
      {"head_norm", kinds(Slot::Norm)},
      {"classifier", kinds(Slot::Classifier, {"features"})},
  };
  return table;
}

const std::string &levelOf(const Assignment &assignment, FactorId factor) {
  auto index = static_cast<size_t>(factor);
  return factors()[index].levels[assignment[index]];
}

bool has(const Assignment &assignment, FactorId factor, const std::string &level) { return levelOf(assignment, factor) == level; }

static const KeyRow *rowOf(Slot slot, const std::string &kind, const std::string &key) {
  return spec::findRow(spec::findKind(slot, kind)->keys, key);
}

static bool normTakesAffine(const Assignment &levels) {
  const std::string &norm = levelOf(levels, FactorId::Norm);
  const KeyRow *row = rowOf(Slot::Norm, norm == "several_groups" ? "group_norm" : norm, "affine");
  return row && std::count(row->choices.begin(), row->choices.end(), levelOf(levels, FactorId::Affine)) != 0;
}

static bool hasChannel(const Assignment &levels) {
  return !has(levels, FactorId::Branches, "mixer") && !has(levels, FactorId::Channel, "none");
}

/// `branches = ["channel"]` is not asked for where the channel part is `none`: the block would be empty.
static bool hasMixer(const Assignment &levels) { return !has(levels, FactorId::Branches, "channel") || !hasChannel(levels); }

static bool hasActivation(const Assignment &levels) {
  return (hasMixer(levels) && rowOf(Slot::Mixer, levelOf(levels, FactorId::Mixer), "activation")) ||
         (hasChannel(levels) && rowOf(Slot::Channel, levelOf(levels, FactorId::Channel), "activation"));
}

static bool branchesAreSeen(const Assignment &levels) {
  return has(levels, FactorId::Branches, "mixer") || !has(levels, FactorId::Channel, "none");
}

bool isActive(const Assignment &levels, FactorId factor) {
  switch (factor) {
  case FactorId::Affine:
    return normTakesAffine(levels);
  case FactorId::Activation:
    return hasActivation(levels);
  case FactorId::StarRelu:
    return hasActivation(levels) && has(levels, FactorId::Activation, "star_relu");
  case FactorId::ScalePer:
    return !has(levels, FactorId::Scale, "none");
  case FactorId::Mixer:
    return hasMixer(levels);
  case FactorId::MixerVariant:
    return hasMixer(levels) && !spec::findKind(Slot::Mixer, levelOf(levels, FactorId::Mixer))->keys.empty();
  case FactorId::Channel:
    return !has(levels, FactorId::Branches, "mixer");
  case FactorId::ChannelVariant:
    return hasChannel(levels);
  case FactorId::Branches:
    return branchesAreSeen(levels);
  case FactorId::Arrangement:
    return hasMixer(levels) && hasChannel(levels);
  case FactorId::Order:
    return !has(levels, FactorId::Norm, "none");
  case FactorId::EmbedNorm:
    return !has(levels, FactorId::Embed, "none");
  case FactorId::HeadOrder:
    return !has(levels, FactorId::HeadNorm, "none");
  default:
    return true;
  }
}

bool keepsSize(const Assignment &levels) {
  return !has(levels, FactorId::Norm, "none") && !has(levels, FactorId::Norm, "batch_norm");
}

bool grows(const Assignment &levels) {
  bool squares = has(levels, FactorId::Activation, "squared_relu") || has(levels, FactorId::Activation, "star_relu");
  return squares && !keepsSize(levels);
}

Assignment randomAssignment(Draw &draw) {
  Assignment levels;
  for (const Factor &factor : factors())
    levels.push_back(static_cast<size_t>(draw.below(static_cast<int64_t>(factor.levels.size()))));
  return levels;
}

} // namespace archc::test
