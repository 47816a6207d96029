//===- SharedShadow.h - Who touched which word of shared memory last ------===//
//
// One entry per granule (the smallest access of the kernel, so that neighbours within a word are told apart). Two accesses of a granule
// by different threads, one of them a write, are ordered by a barrier of the block between them, or, within a warp, by a barrier of the
// warp. Shuffles and the like order nothing, as PTX says.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_TOOLS_EMU_SHAREDSHADOW_H
#define ARCHC_TOOLS_EMU_SHAREDSHADOW_H

#include "tools/emu/Access.h"

#include <cstdint>
#include <vector>

namespace archrt::emu {

class SharedShadow {
public:
  enum class Problem { None, Uninitialised, Race, InFlight };

  /// Who accesses, and when in its warp's time.
  struct Actor {
    uint32_t thread = 0, warpEpoch = 0;
  };

  void prepare(uint32_t bytes, uint32_t granule);
  /// Forgets what the last block wrote.
  void startBlock();
  void barrier() { ++epoch; }
  /// Another one after each barrier and in each block; goes on from launch to launch.
  uint32_t now() const { return epoch; }

  /// Notes the access and says what is wrong with it, for the first granule where something is; `other` is then the other thread.
  Problem read(const Actor &actor, uint32_t offset, uint32_t size, uint32_t &other);
  Problem write(const Actor &actor, uint32_t offset, uint32_t size, uint32_t &other);
  Problem atomic(const Actor &actor, uint32_t offset, uint32_t size, uint32_t &other);
  /// From its issue to its wait, nobody may touch what an asynchronous copy writes.
  void setInFlight(uint32_t offset, uint32_t size, bool inFlight);
  /// After a block that did not come to its end.
  void forgetInFlight();

  static constexpr uint32_t several = 0xFFFE, nobody = 0xFFFF;

private:
  struct Entry {
    uint32_t writeEpoch = 0, readEpoch = 0;
    uint16_t writer = 0, reader = 0; // a thread; of readers also `several`, in more than one warp
    uint16_t writeWarpEpoch = 0, readWarpEpoch = 0;
    bool severalLanes = false; // other lanes of the reader's warp read, too
    bool byAtomic = false;     // the last write
    bool inFlight = false;
  };

  bool writeIsOrdered(const Entry &entry, const Actor &actor) const;
  bool readIsOrdered(const Entry &entry, const Actor &actor) const;
  Problem readEntry(Entry &entry, const Actor &actor, uint32_t &other);
  Problem writeEntry(Entry &entry, const Actor &actor, uint32_t &other);
  template <typename Function> Problem forEach(uint32_t offset, uint32_t size, Function function);

  std::vector<Entry> entries;
  uint32_t shift = 2;
  uint32_t epoch = 1, blockStart = 1;
};

} // namespace archrt::emu

#endif // ARCHC_TOOLS_EMU_SHAREDSHADOW_H
