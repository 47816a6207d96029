#include "tools/driver/StepText.h"

#include <algorithm>

using namespace archrt;

namespace archc::driver {

const abi::Location *locationOf(const Artifact &artifact, uint32_t index) {
  const auto *locations = artifact.model().locations();
  return index < sizeOf(locations) ? locations->Get(index) : nullptr;
}

/// The name path of graph op `index`.
static std::string opPath(const Artifact &artifact, uint32_t index) {
  const abi::Location *location = locationOf(artifact, artifact.forward().ops()->Get(index)->location());
  return location ? std::string(textOf(location->path())) : std::string();
}

std::vector<std::string> pathsOf(const Artifact &artifact, const abi::Step &step) {
  std::vector<std::string> paths;
  for (size_t i = 0; i < sizeOf(step.ops()); ++i)
    paths.push_back(opPath(artifact, step.ops()->Get(i)));
  return paths;
}

/// "stages.0.blocks.1" of "stages.0.blocks.1.mlp.fc1"; other paths are owned by their first word.
static std::string ownerOf(const std::string &path) {
  size_t blocks = path.find(".blocks.");
  size_t from = blocks == std::string::npos ? 0 : blocks + 8;
  if (blocks == std::string::npos && path.rfind("stages.", 0) == 0)
    from = 7;
  size_t dot = path.find('.', from);
  return dot == std::string::npos ? path : path.substr(0, dot);
}

std::string shortened(const std::vector<std::string> &paths) {
  std::string text, owner;
  for (const std::string &path : paths) {
    std::string own = ownerOf(path);
    if (own != owner)
      text += (text.empty() ? "" : "; ") + own + ":";
    owner = own;
    text += " " + (path.size() > own.size() ? path.substr(own.size() + 1) : "+");
  }
  return text;
}

std::vector<std::string> specLinesOf(const Artifact &artifact, const abi::Step &step) {
  std::vector<std::string> lines;
  for (size_t i = 0; i < sizeOf(step.ops()); ++i) {
    const abi::Location *location = locationOf(artifact, artifact.forward().ops()->Get(step.ops()->Get(i))->location());
    for (size_t k = 0; location && k < sizeOf(location->lines()); ++k) {
      const abi::SpecLine &line = *location->lines()->Get(k);
      std::string text = concat(textOf(line.file()), ":", line.line(), ":", line.column());
      if (std::find(lines.begin(), lines.end(), text) == lines.end())
        lines.push_back(text);
    }
  }
  return lines;
}

std::string specLinesText(const Artifact &artifact, const abi::Step &step) {
  std::vector<std::string> lines = specLinesOf(artifact, step);
  return lines.empty() ? "" : "  [" + lines.front() + (lines.size() > 1 ? ", ...]" : "]");
}

} // namespace archc::driver
