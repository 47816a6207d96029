//===- Arena.h - Offsets for buffers whose lifetimes are known ------------===//

#ifndef ARCHC_PASSES_PLAN_ARENA_H
#define ARCHC_PASSES_PLAN_ARENA_H

#include <cstdint>
#include <vector>

namespace archc {

/// A buffer of `size` bytes per image that lives from step `first` to step `last`, both included.
struct Lifetime {
  int64_t size = 0;
  int first = 0, last = 0;
  int64_t offset = 0; // the answer
};

/// Gives every buffer an offset so that buffers alive at the same step do not overlap: largest first, each at the lowest free
/// place. Sizes are rounded up to 64 bytes. Returns the size of the arena.
int64_t assignOffsets(std::vector<Lifetime> &buffers);

/// The least any assignment needs: the largest sum of sizes alive at one step.
int64_t lowerBound(const std::vector<Lifetime> &buffers);

} // namespace archc

#endif // ARCHC_PASSES_PLAN_ARENA_H
