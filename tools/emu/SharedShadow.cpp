//===- SharedShadow.cpp - Who touched which word of shared memory last ----===//

#include "tools/emu/SharedShadow.h"

#include <algorithm>

namespace archrt::emu {

void SharedShadow::prepare(uint32_t bytes, uint32_t granule) {
  uint32_t logarithm = granule >= 4 ? 2 : granule >= 2 ? 1 : 0;
  size_t needed = (size_t(bytes) >> logarithm) + 1;
  // Epochs go on from launch to launch, so that entries need no clearing.
  bool isAboutToWrap = epoch > 0xF0000000;
  if (entries.size() < needed || logarithm != shift || isAboutToWrap) {
    entries.assign(std::max(needed, entries.size()), Entry());
    shift = logarithm;
    epoch = blockStart = isAboutToWrap ? 1 : epoch;
  }
}

void SharedShadow::startBlock() { blockStart = ++epoch; }

bool SharedShadow::writeIsOrdered(const Entry &entry, const Actor &actor) const {
  return entry.writeEpoch != epoch || entry.writer == actor.thread ||
         (entry.writer / 32 == actor.thread / 32 && entry.writeWarpEpoch < actor.warpEpoch);
}

bool SharedShadow::readIsOrdered(const Entry &entry, const Actor &actor) const {
  if (entry.readEpoch != epoch)
    return true;
  if (entry.reader == several)
    return false;
  if (entry.reader == actor.thread && !entry.severalLanes)
    return true;
  return entry.reader / 32 == actor.thread / 32 && entry.readWarpEpoch < actor.warpEpoch;
}

SharedShadow::Problem SharedShadow::readEntry(Entry &entry, const Actor &actor, uint32_t &other) {
  Problem problem = Problem::None;
  if (entry.inFlight)
    problem = Problem::InFlight;
  else if (entry.writeEpoch < blockStart)
    problem = Problem::Uninitialised;
  else if (!writeIsOrdered(entry, actor))
    problem = Problem::Race;
  other = entry.writer;
  if (entry.readEpoch != epoch) {
    entry.readEpoch = epoch;
    entry.reader = uint16_t(actor.thread);
    entry.severalLanes = false;
  } else if (entry.reader != actor.thread) {
    if (entry.reader == several || entry.reader / 32 != actor.thread / 32)
      entry.reader = uint16_t(several);
    else
      entry.severalLanes = true;
  }
  entry.readWarpEpoch = uint16_t(actor.warpEpoch);
  return problem;
}

SharedShadow::Problem SharedShadow::writeEntry(Entry &entry, const Actor &actor, uint32_t &other) {
  Problem problem = Problem::None;
  other = entry.writer;
  if (entry.inFlight) {
    problem = Problem::InFlight;
  } else if (!writeIsOrdered(entry, actor)) {
    problem = Problem::Race;
  } else if (!readIsOrdered(entry, actor)) {
    problem = Problem::Race;
    other = entry.reader == several ? uint32_t(nobody) : entry.reader;
  }
  entry.writeEpoch = epoch;
  entry.writer = uint16_t(actor.thread);
  entry.writeWarpEpoch = uint16_t(actor.warpEpoch);
  entry.byAtomic = false;
  return problem;
}

template <typename Function> SharedShadow::Problem SharedShadow::forEach(uint32_t offset, uint32_t size, Function function) {
  Problem first = Problem::None;
  for (uint32_t i = offset >> shift, last = (offset + size - 1) >> shift; i <= last; ++i) {
    Problem problem = function(entries[i], first == Problem::None);
    if (first == Problem::None)
      first = problem;
  }
  return first;
}

SharedShadow::Problem SharedShadow::read(const Actor &actor, uint32_t offset, uint32_t size, uint32_t &other) {
  uint32_t ignored = 0;
  return forEach(offset, size, [&](Entry &entry, bool isFirst) { return readEntry(entry, actor, isFirst ? other : ignored); });
}

SharedShadow::Problem SharedShadow::write(const Actor &actor, uint32_t offset, uint32_t size, uint32_t &other) {
  uint32_t ignored = 0;
  return forEach(offset, size, [&](Entry &entry, bool isFirst) { return writeEntry(entry, actor, isFirst ? other : ignored); });
}

SharedShadow::Problem SharedShadow::atomic(const Actor &actor, uint32_t offset, uint32_t size, uint32_t &other) {
  uint32_t ignored = 0;
  return forEach(offset, size, [&](Entry &entry, bool isFirst) {
    bool afterAtomic = entry.byAtomic && entry.writeEpoch == epoch;
    bool isUninitialised = entry.writeEpoch < blockStart;
    Problem problem = Problem::None;
    // Atomics are not ordered among themselves, and need not be.
    if (!afterAtomic || entry.inFlight || !readIsOrdered(entry, actor))
      problem = writeEntry(entry, actor, isFirst ? other : ignored);
    entry.byAtomic = true;
    return problem == Problem::None && isUninitialised ? Problem::Uninitialised : problem;
  });
}

void SharedShadow::setInFlight(uint32_t offset, uint32_t size, bool inFlight) {
  forEach(offset, size, [&](Entry &entry, bool) {
    entry.inFlight = inFlight;
    return Problem::None;
  });
}

void SharedShadow::forgetInFlight() {
  for (Entry &entry : entries)
    entry.inFlight = false;
}

} // namespace archrt::emu
