#include "runtime/weights/NameMapping.h"

#include <algorithm>

namespace archrt {

static std::vector<std::string_view> segments(std::string_view name) {
  std::vector<std::string_view> parts;
  while (true) {
    size_t dot = name.find('.');
    parts.push_back(name.substr(0, dot));
    if (dot == std::string_view::npos)
      return parts;
    name.remove_prefix(dot + 1);
  }
}

static bool isNumber(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// What `#` and `*` stand for, or false.
static bool match(std::string_view pattern, std::string_view key, std::vector<std::string_view> &captures) {
  auto wanted = segments(pattern), found = segments(key);
  captures.clear();
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (i >= found.size())
      return false;
    if (wanted[i] == "*") {
      captures.push_back(key.substr(found[i].data() - key.data()));
      return true;
    }
    if (wanted[i] == "#" ? !isNumber(found[i]) : wanted[i] != found[i])
      return false;
    if (wanted[i] == "#")
      captures.push_back(found[i]);
  }
  return found.size() == wanted.size();
}

std::string NameMapping::map(std::string_view key) const {
  std::vector<std::string_view> captures;
  for (const NameRule &rule : rules) {
    if (!match(rule.pattern, key, captures))
      continue;
    std::string out;
    size_t next = 0;
    for (std::string_view part : segments(rule.replacement)) {
      out += out.empty() ? "" : ".";
      out += part == "#" || part == "*" ? captures[next++] : part;
    }
    return out;
  }
  return std::string(key);
}

const std::vector<NameMapping> &nameMappings() {
  static const std::vector<NameMapping> mappings = {
      {"timm", "timm's models: the names of the artifact", {}},
      {"sail_metaformer",
       "github.com/sail-sg/metaformer: IdentityFormer to CAFormer",
       {{"downsample_layers.0.conv.*", "stem.conv.*"},
        {"downsample_layers.0.post_norm.*", "stem.norm.*"},
        {"downsample_layers.#.conv.*", "stages.#.downsample.conv.*"},
        {"downsample_layers.#.pre_norm.*", "stages.#.downsample.norm.*"},
        {"stages.#.#.*", "stages.#.blocks.#.*"},
        {"norm.*", "head.norm.*"},
        {"head.*", "head.fc.*"}}},
      // The list `network` alternates stages and embeddings; a position embedding before the last stages shifts what follows.
      {"sail_poolformer",
       "github.com/sail-sg/poolformer: PoolFormer v1 and the hybrids without position embedding",
       {{"patch_embed.proj.*", "stem.conv.*"},
        {"network.0.#.layer_scale_1", "stages.0.blocks.#.layer_scale1.scale"},
        {"network.0.#.layer_scale_2", "stages.0.blocks.#.layer_scale2.scale"},
        {"network.2.#.layer_scale_1", "stages.1.blocks.#.layer_scale1.scale"},
        {"network.2.#.layer_scale_2", "stages.1.blocks.#.layer_scale2.scale"},
        {"network.4.#.layer_scale_1", "stages.2.blocks.#.layer_scale1.scale"},
        {"network.4.#.layer_scale_2", "stages.2.blocks.#.layer_scale2.scale"},
        {"network.6.#.layer_scale_1", "stages.3.blocks.#.layer_scale1.scale"},
        {"network.6.#.layer_scale_2", "stages.3.blocks.#.layer_scale2.scale"},
        {"network.1.proj.*", "stages.1.downsample.conv.*"},
        {"network.3.proj.*", "stages.2.downsample.conv.*"},
        {"network.5.proj.*", "stages.3.downsample.conv.*"},
        {"network.0.#.*", "stages.0.blocks.#.*"},
        {"network.2.#.*", "stages.1.blocks.#.*"},
        {"network.4.#.*", "stages.2.blocks.#.*"},
        {"network.6.#.*", "stages.3.blocks.#.*"},
        {"norm.*", "head.norm.*"},
        {"head.*", "head.fc.*"}}},
  };
  return mappings;
}

const NameMapping *findNameMapping(std::string_view name) {
  for (const NameMapping &mapping : nameMappings())
    if (mapping.name == name)
      return &mapping;
  return nullptr;
}

} // namespace archrt
