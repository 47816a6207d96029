#include "runtime/api/TapNames.h"

#include <algorithm>
#include <map>
#include <set>

namespace archrt {

/// For each path and each of its prefixes, the value of the last op there. Parameters and what is made of them only have no batch and cannot be tapped.
static std::map<std::string, uint32_t> valuesByPath(const Artifact &artifact) {
  std::map<std::string, uint32_t> values;
  const abi::Function &forward = artifact.forward();
  const auto *locations = artifact.model().locations();
  for (size_t i = 0; i < sizeOf(forward.ops()); ++i) {
    const abi::Op &op = *forward.ops()->Get(i);
    if (sizeOf(op.results()) == 0 || op.location() >= sizeOf(locations) ||
        !isBatched(*forward.values()->Get(op.results()->Get(0))))
      continue;
    std::string path(textOf(locations->Get(op.location())->path()));
    for (size_t end = path.size(); end != std::string::npos && end > 0; end = path.rfind('.', end - 1))
      values[path.substr(0, end)] = op.results()->Get(0);
  }
  return values;
}

static std::vector<std::string> namesOf(const std::map<std::string, uint32_t> &values, const std::vector<uint32_t> &tappable) {
  std::set<uint32_t> held(tappable.begin(), tappable.end());
  std::vector<std::pair<uint32_t, std::string>> names;
  for (const auto &[path, value] : values)
    if (held.count(value))
      names.emplace_back(value, path);
  std::sort(names.begin(), names.end());
  std::vector<std::string> out;
  for (auto &[value, path] : names)
    out.push_back(std::move(path));
  return out;
}

std::vector<std::string> tapNames(const Artifact &artifact, const std::vector<uint32_t> &tappable) {
  return namesOf(valuesByPath(artifact), tappable);
}

static size_t editDistance(const std::string &a, const std::string &b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

Result<uint32_t> resolveTap(const Artifact &artifact, const std::string &name, const std::vector<uint32_t> &tappable) {
  std::map<std::string, uint32_t> values = valuesByPath(artifact);
  auto found = values.find(name);
  if (found != values.end() && std::find(tappable.begin(), tappable.end(), found->second) != tappable.end())
    return found->second;

  constexpr size_t shown = 3;
  std::vector<std::string> names = namesOf(values, tappable);
  // What encloses the name comes first: a tensor of the same block says more than one that is spelled alike.
  auto rank = [&](const std::string &other) {
    bool encloses = name.compare(0, other.size() + 1, other + ".") == 0;
    return std::pair(!encloses, editDistance(other, name));
  };
  std::stable_sort(names.begin(), names.end(), [&](const std::string &a, const std::string &b) { return rank(a) < rank(b); });
  std::string nearest;
  for (size_t i = 0; i < std::min(shown, names.size()); ++i)
    nearest += (i ? ", `" : "`") + names[i] + "`";
  if (nearest.empty())
    nearest = "none";
  if (found == values.end())
    return invalid("no tensor is called `", name, "`; the nearest are ", nearest);
  return invalid("`", name, "` is computed inside a fused kernel and never in memory; the nearest that can be tapped are ",
                 nearest, "; `--device=reference` taps any name");
}

} // namespace archrt
