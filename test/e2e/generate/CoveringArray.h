//===- CoveringArray.h - Few assignments that show every pair of levels ---===//

#ifndef ARCHC_TEST_E2E_GENERATE_COVERINGARRAY_H
#define ARCHC_TEST_E2E_GENERATE_COVERINGARRAY_H

#include "test/e2e/generate/Factors.h"

#include <set>

namespace archc::test {

/// Two levels of two factors, the first factor before the second.
struct LevelPair {
  size_t firstFactor, firstLevel, secondFactor, secondLevel;

  bool operator<(const LevelPair &other) const;
};

/// "norm = layer_norm with mixer = pooling".
std::string toString(const LevelPair &pair);

/// The pairs of active levels that an assignment shows.
std::set<LevelPair> pairsOf(const Assignment &assignment);

/// The two blocks of a spec and the model around them: the factors of the model have the same levels in both.
struct SpecLevels {
  Assignment main, other;
};

/// Specs that together show every pair that any assignment can show, in one of their blocks. Greedy: each is the best of some
/// candidates.
std::vector<SpecLevels> coveringLevels();

/// Every level equally likely.
SpecLevels randomLevels(Draw &draw);

} // namespace archc::test

#endif // ARCHC_TEST_E2E_GENERATE_COVERINGARRAY_H
