//===- CounterRandom.h - Random bits without state ------------------------===//
//
// Number `index` of the stream (seed, name) is a function of the three, so that tensors can be filled in any order, by any number of
// threads, and anew for one tensor alone:
//
//   key  = mix(seed + 0x9E3779B97F4A7C15) ^ hash(name)            hash: 64-bit FNV-1a of the UTF-8 name
//   bits = mix(key + (index + 1) * 0x9E3779B97F4A7C15)             mix: the finaliser of SplitMix64
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_CORE_COUNTERRANDOM_H
#define ARCHRT_CORE_COUNTERRANDOM_H

#include <cstdint>
#include <string>

namespace archrt {

inline uint64_t hashOfName(const std::string &name) {
  uint64_t hash = 0xCBF29CE484222325u;
  for (char c : name)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return hash;
}

class CounterRandom {
public:
  CounterRandom(uint64_t seed, const std::string &name) : key(mix(seed + kGolden) ^ hashOfName(name)) {}

  uint64_t bits(uint64_t index) const { return mix(key + (index + 1) * kGolden); }
  /// In (0, 1), never either end: 53 bits, at the middle of their intervals.
  double uniform(uint64_t index) const { return (static_cast<double>(bits(index) >> 11) + 0.5) * 0x1p-53; }

private:
  static constexpr uint64_t kGolden = 0x9E3779B97F4A7C15u;
  static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
  }
  uint64_t key;
};

} // namespace archrt

#endif // ARCHRT_CORE_COUNTERRANDOM_H
