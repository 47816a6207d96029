//===- WrittenMemory.h - Which bytes of an arena hold something -----------===//

#ifndef ARCHRT_GRAPH_WRITTENMEMORY_H
#define ARCHRT_GRAPH_WRITTENMEMORY_H

#include "runtime/graph/Artifact.h"

#include <map>

namespace archrt {

/// A set of bytes as ranges that neither meet nor overlap.
class ByteRanges {
public:
  void add(int64_t begin, int64_t end);
  bool covers(int64_t begin, int64_t end) const;

private:
  std::map<int64_t, int64_t> ends; // by beginning
};

/// The union of arena buffers, for every batch: places are affine in it, so that the least and the largest batch decide.
class WrittenMemory {
public:
  void add(const abi::Buffer &buffer);
  /// Whether all bytes of `buffer` are in buffers that were added, whatever their names.
  bool covers(const abi::Buffer &buffer) const;

private:
  ByteRanges least, largest;
};

} // namespace archrt

#endif // ARCHRT_GRAPH_WRITTENMEMORY_H
