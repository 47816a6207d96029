//===- Draws.h - Random numbers in a row ----------------------------------===//
//
// A stream of CounterRandom read from its start: what is drawn for one image of one epoch is a function of the stream's seed and name.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_DATA_AUGMENT_DRAWS_H
#define ARCHRT_DATA_AUGMENT_DRAWS_H

#include "runtime/core/CounterRandom.h"

#include <cstdint>
#include <string>

namespace archrt::data {

class Draws {
public:
  Draws(uint64_t seed, const std::string &name) : random(seed, name) {}

  /// In (0, 1).
  double uniform() { return random.uniform(next++); }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  bool chance(double probability) { return uniform() < probability; }
  /// In [0, count).
  int64_t below(int64_t count);
  /// With mean 0 and standard deviation 1.
  double normal();
  /// Of Beta(alpha, alpha), alpha > 0.
  double beta(double alpha);

private:
  double gamma(double shape);

  CounterRandom random;
  uint64_t next = 0;
};

} // namespace archrt::data

#endif // ARCHRT_DATA_AUGMENT_DRAWS_H
