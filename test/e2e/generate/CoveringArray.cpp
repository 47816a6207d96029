#include "test/e2e/generate/CoveringArray.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace archc::test {

bool LevelPair::operator<(const LevelPair &other) const {
  return std::tie(firstFactor, firstLevel, secondFactor, secondLevel) <
         std::tie(other.firstFactor, other.firstLevel, other.secondFactor, other.secondLevel);
}

std::string toString(const LevelPair &pair) {
  auto text = [](size_t factor, size_t level) { return factors()[factor].name + " = " + factors()[factor].levels[level]; };
  return text(pair.firstFactor, pair.firstLevel) + " with " + text(pair.secondFactor, pair.secondLevel);
}

static std::vector<size_t> activeFactors(const Assignment &assignment) {
  std::vector<size_t> active;
  for (size_t i = 0; i < kFactorCount; ++i)
    if (isActive(assignment, static_cast<FactorId>(i)))
      active.push_back(i);
  return active;
}

/// Calls `visit` with each pair of active levels.
template <typename Visit> static void forEachPair(const Assignment &assignment, Visit visit) {
  std::vector<size_t> active = activeFactors(assignment);
  for (auto first = active.begin(); first != active.end(); ++first)
    for (auto second = first + 1; second != active.end(); ++second)
      visit(LevelPair{*first, assignment[*first], *second, assignment[*second]});
}

std::set<LevelPair> pairsOf(const Assignment &assignment) {
  std::set<LevelPair> pairs;
  forEachPair(assignment, [&](const LevelPair &pair) { pairs.insert(pair); });
  return pairs;
}

namespace {

/// The pairs that are still to be shown, as a table over all levels of all factors.
class OpenPairs {
public:
  OpenPairs() {
    for (const Factor &factor : factors()) {
      firstOf.push_back(levels);
      levels += factor.levels.size();
    }
    isOpen.assign(levels * levels, false);
  }

  bool contains(const LevelPair &pair) const { return isOpen[indexOf(pair)]; }
  void set(const LevelPair &pair, bool open) {
    count += static_cast<size_t>(open) - static_cast<size_t>(isOpen[indexOf(pair)]);
    isOpen[indexOf(pair)] = open;
  }
  bool empty() const { return count == 0; }
  size_t shownBy(const Assignment &assignment) const {
    size_t shown = 0;
    forEachPair(assignment, [&](const LevelPair &pair) { shown += contains(pair); });
    return shown;
  }

private:
  size_t indexOf(const LevelPair &pair) const {
    return (firstOf[pair.firstFactor] + pair.firstLevel) * levels + firstOf[pair.secondFactor] + pair.secondLevel;
  }

  std::vector<size_t> firstOf;
  size_t levels = 0, count = 0;
  std::vector<bool> isOpen;
};

class GreedyCover {
public:
  GreedyCover();
  std::vector<SpecLevels> run();

private:
  /// Some factors have a level that must not change, the rest is to be chosen.
  struct Partial {
    Assignment levels = Assignment(kFactorCount);
    std::vector<bool> isChosen = std::vector<bool>(kFactorCount, false);

    void choose(size_t factor, size_t level) { levels[factor] = level, isChosen[factor] = true; }
  };

  bool canBeShown(const LevelPair &pair);
  Assignment bestOf(const Partial &start, const Assignment *beside, bool mustGain);
  Assignment complete(Partial partial);
  size_t bestLevel(const Partial &partial, size_t factor);
  std::vector<size_t> shuffledFactors();
  void improve(Assignment &assignment, const Partial &start);
  void close(const Assignment &assignment);

  Draw draw{3, "covering array"};
  std::vector<LevelPair> all;
  OpenPairs open;
};

/// Opens the pairs that can be shown.
GreedyCover::GreedyCover() {
  for (size_t i = 0; i < kFactorCount; ++i)
    for (size_t j = i + 1; j < kFactorCount; ++j)
      for (size_t a = 0; a < factors()[i].levels.size(); ++a)
        for (size_t b = 0; b < factors()[j].levels.size(); ++b)
          if (canBeShown({i, a, j, b}))
            all.push_back({i, a, j, b});
  for (const LevelPair &pair : all)
    open.set(pair, true);
}

/// Whether a pair is active depends on other factors: tries them.
bool GreedyCover::canBeShown(const LevelPair &pair) {
  constexpr int kTries = 500;
  for (int i = 0; i < kTries; ++i) {
    Assignment levels = randomAssignment(draw);
    levels[pair.firstFactor] = pair.firstLevel, levels[pair.secondFactor] = pair.secondLevel;
    if (isActive(levels, static_cast<FactorId>(pair.firstFactor)) && isActive(levels, static_cast<FactorId>(pair.secondFactor)))
      return true;
  }
  return false;
}

std::vector<size_t> GreedyCover::shuffledFactors() {
  std::vector<size_t> order(kFactorCount);
  std::iota(order.begin(), order.end(), 0);
  for (size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[static_cast<size_t>(draw.below(static_cast<int64_t>(i)))]);
  return order;
}

/// The level that shows most open pairs with what is chosen; any of several equal ones.
size_t GreedyCover::bestLevel(const Partial &partial, size_t factor) {
  size_t best = 0, bestCount = 0;
  int64_t equal = 0;
  for (size_t level = 0; level < factors()[factor].levels.size(); ++level) {
    size_t count = 0;
    for (size_t other = 0; other < kFactorCount; ++other)
      if (partial.isChosen[other])
        count += open.contains(other < factor ? LevelPair{other, partial.levels[other], factor, level}
                                              : LevelPair{factor, level, other, partial.levels[other]});
    equal = count > bestCount || level == 0 ? 1 : equal + (count == bestCount);
    if (count > bestCount || level == 0 || (count == bestCount && draw.oneIn(equal)))
      best = level, bestCount = count;
  }
  return best;
}

/// Some factors at random: the greedy choice alone might never make a rare pair active.
Assignment GreedyCover::complete(Partial partial) {
  for (size_t factor : shuffledFactors()) {
    if (partial.isChosen[factor])
      continue;
    auto levels = static_cast<int64_t>(factors()[factor].levels.size());
    partial.choose(factor, draw.oneIn(6) ? static_cast<size_t>(draw.below(levels)) : bestLevel(partial, factor));
  }
  return partial.levels;
}

/// Changes single levels as long as that shows more open pairs: the choice of levels did not know which factors become active.
void GreedyCover::improve(Assignment &assignment, const Partial &start) {
  size_t best = open.shownBy(assignment), before = 0;
  while (best > before) {
    before = best;
    for (size_t factor : shuffledFactors())
      for (size_t level = 0; !start.isChosen[factor] && level < factors()[factor].levels.size(); ++level) {
        Assignment changed = assignment;
        changed[factor] = level;
        if (size_t shown = open.shownBy(changed); shown > best)
          assignment = changed, best = shown;
      }
  }
}

/// The completion of `start` that shows most open pairs; beside a block that grows, one that does not.
Assignment GreedyCover::bestOf(const Partial &start, const Assignment *beside, bool mustGain) {
  constexpr int kCandidates = 12;
  Assignment best;
  size_t most = 0;
  for (int i = 0; i < kCandidates || best.empty() || (mustGain && most == 0); ++i) {
    Assignment next = complete(start);
    improve(next, start);
    if (beside && grows(*beside) && grows(next))
      continue;
    if (size_t shown = open.shownBy(next); best.empty() || shown > most)
      best = next, most = shown;
  }
  return best;
}

void GreedyCover::close(const Assignment &assignment) {
  forEachPair(assignment, [&](const LevelPair &pair) { open.set(pair, false); });
}

std::vector<SpecLevels> GreedyCover::run() {
  std::vector<SpecLevels> result;
  auto wanted = all.begin();
  while (!open.empty()) {
    while (!open.contains(*wanted))
      ++wanted;
    Partial start;
    start.choose(wanted->firstFactor, wanted->firstLevel), start.choose(wanted->secondFactor, wanted->secondLevel);
    SpecLevels levels;
    levels.main = bestOf(start, nullptr, /*mustGain=*/true);
    close(levels.main);
    Partial sameModel;
    for (size_t factor = kBlockFactors; factor < kFactorCount; ++factor)
      sameModel.choose(factor, levels.main[factor]);
    levels.other = bestOf(sameModel, &levels.main, /*mustGain=*/false);
    close(levels.other);
    result.push_back(levels);
  }
  return result;
}

} // namespace

std::vector<SpecLevels> coveringLevels() { return GreedyCover().run(); }

SpecLevels randomLevels(Draw &draw) {
  SpecLevels levels{randomAssignment(draw), randomAssignment(draw)};
  while (grows(levels.main) && grows(levels.other))
    levels.other = randomAssignment(draw);
  std::copy(levels.main.begin() + kBlockFactors, levels.main.end(), levels.other.begin() + kBlockFactors);
  return levels;
}

} // namespace archc::test
