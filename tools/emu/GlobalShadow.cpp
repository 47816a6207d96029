//===- GlobalShadow.cpp - Operands of a launch, and which block touched what ===//

#include "tools/emu/GlobalShadow.h"

#include <algorithm>
#include <numeric>

namespace archrt::emu {

// An entry: the launch in 18 bits, so that old ones need no clearing; whether the last write was atomic; written; the writing block and
// the reading one plus one, 22 bits each.
constexpr uint64_t fieldMask = 0x3FFFFF, tagMask = 0x3FFFF;
constexpr uint64_t atomicBit = uint64_t(1) << 44;
constexpr unsigned readerShift = 22, tagShift = 46;

/// Who read, or who wrote, a granule since the last barrier of the block at work. Packed: the moment in 32 bits, the thread plus one in
/// 11, whether other warps or other lanes of its warp did so, too, and the warp's time of the last access in 19.
struct Touch {
  uint32_t moment = 0, thread = 0;
  bool severalWarps = false, severalLanes = false;
  uint32_t warpEpoch = 0;

  static constexpr uint32_t lastEpoch = 0x7FFFF;

  Touch(uint64_t packed, uint32_t now) : moment(now) {
    if (uint32_t(packed) != now)
      return; // of another time
    thread = packed >> 32 & 0x7FF;
    severalWarps = packed >> 43 & 1;
    severalLanes = packed >> 44 & 1;
    warpEpoch = uint32_t(packed >> 45);
  }
  uint64_t pack() const {
    return moment | uint64_t(thread) << 32 | uint64_t(severalWarps) << 43 | uint64_t(severalLanes) << 44 |
           uint64_t(warpEpoch) << 45;
  }
};

void GlobalShadow::mergeRegions() {
  std::vector<uint32_t> order(operands.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return operands[a].pointer < operands[b].pointer; });
  regions.clear();
  regionOf.assign(operands.size(), 0);
  for (uint32_t index : order) {
    const gpu::LaunchOperand &operand = operands[index];
    if (regions.empty() || operand.pointer >= regions.back().end)
      regions.push_back({operand.pointer, operand.pointer, 0, false});
    Region &region = regions.back();
    region.end = std::max(region.end, operand.pointer + operand.bytes);
    region.isWritten |= operand.writes;
    regionOf[index] = uint32_t(regions.size() - 1);
  }
}

void GlobalShadow::prepare(const std::vector<gpu::LaunchOperand> &all, const Kernel &kernel) {
  operands = all;
  constants = &kernel.constants;
  shift = kernel.granule >= 4 ? 2 : kernel.granule >= 2 ? 1 : 0;
  mergeRegions();
  size_t needed = 0;
  for (Region &region : regions) {
    region.firstEntry = needed;
    if (region.isWritten)
      needed += ((region.end - region.begin) >> shift) + 1;
  }
  launchTag = (launchTag + 1) & tagMask;
  if (needed > capacity || launchTag == 0) {
    capacity = std::max(needed, capacity);
    entries.reset(new std::atomic<uint64_t>[capacity]);
    threadEntries.reset(new ThreadEntry[capacity]);
    for (size_t i = 0; i < capacity; ++i) {
      entries[i].store(0, std::memory_order_relaxed);
      threadEntries[i].write.store(0, std::memory_order_relaxed);
      threadEntries[i].read.store(0, std::memory_order_relaxed);
    }
    launchTag = 1;
  }
}

int GlobalShadow::find(const uint8_t *address, const Access &access) const {
  auto where = reinterpret_cast<uint64_t>(address);
  int found = -1;
  for (size_t i = 0; i < operands.size(); ++i)
    if (contains(operands[i], where, access.size) && (found < 0 || operands[i].writes))
      found = int(i);
  return found;
}

bool GlobalShadow::isConstant(const uint8_t *address, const Access &access) const {
  return std::any_of(constants->begin(), constants->end(), [&](const ConstantTable &table) {
    return address >= table.base && uint64_t(address - table.base) + access.size <= table.bytes;
  });
}

uint32_t GlobalShadow::nearestOperand(const uint8_t *address) const {
  auto where = reinterpret_cast<uint64_t>(address);
  uint32_t nearest = 0;
  for (uint32_t i = 0; i < operands.size(); ++i)
    if (operands[i].pointer <= where && (operands[nearest].pointer > where || operands[i].pointer > operands[nearest].pointer))
      nearest = i;
  return nearest;
}

GlobalShadow::Problem GlobalShadow::note(std::atomic<uint64_t> &entry, const Actor &actor, AccessKind kind, uint32_t &other) {
  uint64_t self = std::min<uint64_t>(actor.block, several - 1) + 1;
  uint64_t seen = entry.load(std::memory_order_relaxed);
  while (true) {
    uint64_t old = seen >> tagShift == launchTag ? seen : launchTag << tagShift;
    uint64_t writer = old & fieldMask, reader = old >> readerShift & fieldMask;
    bool isAtomic = old & atomicBit;
    bool conflicts = writer != 0 && writer != self && !(kind == AccessKind::Atomic && isAtomic);
    other = uint32_t(writer - 1);
    if (!conflicts && kind != AccessKind::Read && reader != 0 && reader != self) {
      conflicts = true;
      other = uint32_t(reader == several + 1 ? several : reader - 1);
    }
    bool isUninitialised = kind != AccessKind::Write && actor.checksInitialisation && writer == 0;
    uint64_t next = launchTag << tagShift | (isAtomic ? atomicBit : 0) | reader << readerShift | writer;
    if (kind == AccessKind::Read)
      next = (next & ~(fieldMask << readerShift)) | (reader == 0 || reader == self ? self : several + 1) << readerShift;
    else
      next = (next & ~fieldMask & ~atomicBit) | self | (kind == AccessKind::Atomic ? atomicBit : 0);
    if (next == seen || entry.compare_exchange_weak(seen, next, std::memory_order_relaxed))
      return conflicts ? Problem::Conflict : isUninitialised ? Problem::Uninitialised : Problem::None;
  }
}

GlobalShadow::Problem GlobalShadow::noteThread(ThreadEntry &entry, const Actor &actor, AccessKind kind, uint32_t &other) {
  // Another block in between is a conflict, and found as such.
  Touch write(entry.write.load(std::memory_order_relaxed), actor.moment),
      read(entry.read.load(std::memory_order_relaxed), actor.moment);
  const uint32_t self = actor.thread + 1, now = std::min(actor.warpEpoch, Touch::lastEpoch);
  auto isOrdered = [&](const Touch &touch) { return (touch.thread - 1) / 32 == actor.thread / 32 && touch.warpEpoch < now; };
  bool races = write.thread && write.thread != self && !isOrdered(write);
  other = write.thread - 1;
  if (kind == AccessKind::Write && !races && read.thread) {
    races = read.severalWarps || ((read.severalLanes || read.thread != self) && !isOrdered(read));
    other = read.severalWarps || read.severalLanes ? several : read.thread - 1;
  }
  Touch &mine = kind == AccessKind::Write ? write : read;
  if (kind == AccessKind::Read && read.thread && read.thread != self)
    ((read.thread - 1) / 32 != actor.thread / 32 ? read.severalWarps : read.severalLanes) = true;
  else
    mine.thread = self;
  mine.warpEpoch = now;
  (kind == AccessKind::Write ? entry.write : entry.read).store(mine.pack(), std::memory_order_relaxed);
  return races ? Problem::Race : Problem::None;
}

GlobalShadow::Problem GlobalShadow::access(const Actor &actor, const uint8_t *address, const Access &access, uint32_t &other) {
  auto where = reinterpret_cast<uint64_t>(address);
  uint32_t index = access.object;
  if (index == Access::unknownObject) {
    int found = find(address, access);
    if (found < 0)
      return access.kind == AccessKind::Read && isConstant(address, access) ? Problem::None : Problem::OutOfBounds;
    index = uint32_t(found);
  }
  const gpu::LaunchOperand &operand = operands[index];
  if (!contains(operand, where, access.size))
    return Problem::OutOfBounds;
  if (access.kind != AccessKind::Read && !operand.writes)
    return Problem::ReadOnly;
  const Region &region = regions[regionOf[index]];
  if (!region.isWritten)
    return Problem::None;
  Problem first = Problem::None;
  uint64_t begin = where - region.begin;
  for (uint64_t i = begin >> shift, last = (begin + access.size - 1) >> shift; i <= last; ++i) {
    uint32_t its = 0;
    Problem problem = note(entries[region.firstEntry + i], actor, access.kind, its);
    // Atomics need no order.
    if (problem == Problem::None && access.kind != AccessKind::Atomic)
      problem = noteThread(threadEntries[region.firstEntry + i], actor, access.kind, its);
    if (first == Problem::None && problem != Problem::None) {
      first = problem;
      other = its;
    }
  }
  return first;
}

} // namespace archrt::emu
