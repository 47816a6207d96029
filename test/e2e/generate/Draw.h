//===- Draw.h - Choices that follow from a seed ---------------------------===//

#ifndef ARCHC_TEST_E2E_GENERATE_DRAW_H
#define ARCHC_TEST_E2E_GENERATE_DRAW_H

#include "runtime/core/CounterRandom.h"

#include <string>
#include <vector>

namespace archc::test {

/// The same choices for the same seed and name, on every host.
class Draw {
public:
  Draw(uint64_t seed, const std::string &name) : random(seed, name) {}

  /// From 0 to `count` - 1.
  int64_t below(int64_t count) { return static_cast<int64_t>((random.bits(next++) >> 32) * static_cast<uint64_t>(count) >> 32); }
  int64_t between(int64_t least, int64_t most) { return least + below(most - least + 1); }
  bool oneIn(int64_t count) { return below(count) == 0; }
  template <typename T> const T &of(const std::vector<T> &choices) {
    return choices[static_cast<size_t>(below(static_cast<int64_t>(choices.size())))];
  }

private:
  archrt::CounterRandom random;
  uint64_t next = 0;
};

} // namespace archc::test

#endif // ARCHC_TEST_E2E_GENERATE_DRAW_H
