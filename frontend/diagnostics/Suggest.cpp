#include "frontend/diagnostics/DiagnosticEngine.h"

#include <algorithm>

namespace archc::spec {

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours each cost one.
static size_t editDistance(const std::string &a, const std::string &b) {
  std::vector<size_t> before(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j)
    previous[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t substitute = previous[j - 1] + (a[i - 1] != b[j - 1]);
      current[j] = std::min({substitute, previous[j] + 1, current[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        current[j] = std::min(current[j], before[j - 2] + 1);
    }
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

std::string nearest(const std::string &word, const std::vector<std::string> &candidates) {
  // A third of the word may be wrong; beyond that a hint misleads more often than it helps. The cap keeps long words cheap.
  if (word.size() < 2 || word.size() > 64)
    return "";
  size_t best = std::max<size_t>(1, word.size() / 3) + 1;
  std::string result;
  for (const std::string &candidate : candidates) {
    size_t distance = editDistance(word, candidate);
    if (distance < best) {
      best = distance;
      result = candidate;
    }
  }
  if (!result.empty())
    return result;
  // `pooling` for `pool`, `expand` for `expansion`: one begins like the other.
  constexpr size_t telling = 4;
  for (const std::string &candidate : candidates)
    if (std::min(word.size(), candidate.size()) >= telling && word.compare(0, telling, candidate, 0, telling) == 0)
      return candidate;
  return "";
}

std::string listOf(const std::vector<std::string> &words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i)
      text += i + 1 == words.size() ? " or " : ", ";
    text += "`" + words[i] + "`";
  }
  return text;
}

} // namespace archc::spec
