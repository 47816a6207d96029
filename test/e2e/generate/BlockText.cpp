#include "test/e2e/generate/BlockText.h"

namespace archc::test {

using spec::Slot;

/// What a variant of a mixer or channel means, key by key; keys that are not listed are drawn.
static const std::map<std::string, std::vector<std::string>> &variants() {
  static const std::map<std::string, std::vector<std::string>> keys = {
      {"kernel", {"3", "7", "1"}},
      {"size", {"3", "7", "1"}},
      {"expansion", {"2", "1.7", "0.5"}},
      {"ratio", {"4", "2.5", "0.7"}},
  };
  return keys;
}

static size_t numberOf(const std::string &variant) { return static_cast<size_t>(variant[0] - '0'); }

static FixedKeys keysOfVariant(size_t variant) {
  FixedKeys keys;
  for (const auto &[key, values] : variants())
    keys[key] = values[variant];
  return keys;
}

void BlockText::fixActivations(FixedKeys &keys) {
  const std::string &kind = levelOf(levels, FactorId::Activation);
  keys["activation"] = activationOfBlock ? "" : components.writeActivation(kind, levelOf(levels, FactorId::StarRelu));
  if (!keepsSize(levels))
    keys["second_activation"] = quoted("identity");
}

std::string BlockText::mixer(const std::string &more) {
  size_t variant = numberOf(levelOf(levels, FactorId::MixerVariant));
  FixedKeys keys = keysOfVariant(variant);
  fixActivations(keys);
  // Given one alone, it must divide the width; both together are free.
  if (variant == 0)
    keys["heads"] = "", keys["head_dim"] = std::to_string(components.divisor());
  if (variant == 1)
    keys["head_dim"] = "", keys["heads"] = std::to_string(components.divisor());
  return components.write(Slot::Mixer, levelOf(levels, FactorId::Mixer), keys, more);
}

std::string BlockText::channel(const std::string &more) {
  FixedKeys keys = keysOfVariant(numberOf(levelOf(levels, FactorId::ChannelVariant)));
  keys["bias"] = has(levels, FactorId::ChannelVariant, "0") ? "false" : "true";
  fixActivations(keys);
  return components.write(Slot::Channel, levelOf(levels, FactorId::Channel), keys, more);
}

std::string BlockText::norm() {
  std::string kind = levelOf(levels, FactorId::Norm);
  FixedKeys keys;
  if (kind == "several_groups")
    kind = "group_norm", keys["groups"] = std::to_string(components.divisor());
  else
    keys["groups"] = "1";
  if (isActive(levels, FactorId::Affine))
    keys["affine"] = quoted(levelOf(levels, FactorId::Affine));
  return components.write(Slot::Norm, kind, keys);
}

std::string BlockText::scale() {
  return components.write(Slot::Scale, levelOf(levels, FactorId::Scale), {{"per", quoted(levelOf(levels, FactorId::ScalePer))}});
}

std::string BlockText::branches() const {
  if (!isActive(levels, FactorId::Branches) || has(levels, FactorId::Branches, "mixer_channel"))
    return "";
  if (has(levels, FactorId::Branches, "channel_mixer"))
    return "branches = [\"channel\", \"mixer\"]\n";
  return "branches = [" + quoted(levelOf(levels, FactorId::Branches)) + "]\n";
}

/// Keys of one branch, over those of the block.
std::string BlockText::ownKeys() {
  std::string text;
  if (draw.oneIn(3))
    text += ", norm = " + components.write(Slot::Norm, draw.of<std::string>({"layer_norm", "group_norm", "rms_norm"}));
  if (draw.oneIn(3))
    text += ", scale = " + components.writeAny(Slot::Scale);
  if (draw.oneIn(4))
    text += ", order = " + quoted(draw.of<std::string>({"pre_norm", "post_norm", "res_post_norm"}));
  return text;
}

std::string BlockText::write(const std::string &name, bool branchKeys) {
  activationOfBlock = draw.oneIn(2);
  std::string text = "[block." + name + "]\n" + branches();
  if (!has(levels, FactorId::Arrangement, "sequential"))
    text += "arrangement = " + quoted(levelOf(levels, FactorId::Arrangement)) + "\n";
  if (!has(levels, FactorId::Order, "pre_norm"))
    text += "order = " + quoted(levelOf(levels, FactorId::Order)) + "\n";
  text += "norm = " + norm() + "\n";
  if (activationOfBlock)
    text +=
        "activation = " + components.writeActivation(levelOf(levels, FactorId::Activation), levelOf(levels, FactorId::StarRelu)) +
        "\n";
  text += "scale = " + scale() + "\n";
  text += "mixer = " + mixer(branchKeys ? ownKeys() : "") + "\n";
  text += "channel = " + channel(branchKeys ? ownKeys() : "") + "\n";
  return text;
}

} // namespace archc::test
