//===- Counters.cpp - Bank conflicts and coalescing, from a sample --------===//

#include "tools/emu/Counters.h"

#include <algorithm>
#include <array>
#include <set>

namespace archrt::emu {

constexpr uint32_t sampledExecutions = 16;
constexpr uint64_t bankBytes = 4, banks = 32, sectorBytes = 32;

void Counters::startBlock(bool isSampled) {
  sampled = isSampled;
  executions.clear();
  groups.clear();
}

void Counters::note(const Request &request) {
  uint32_t execution = executions[uint64_t(request.site) << 32 | request.thread]++;
  if (execution >= sampledExecutions)
    return;
  Group &group = groups[uint64_t(request.site) << 32 | execution << 16 | request.thread / 32];
  group.isShared = request.isShared;
  group.bytes = request.bytes;
  group.addresses.push_back(request.address);
}

/// Lanes of wide accesses are served in groups that together move at most 128 bytes: 32, 16 or 8 lanes. Lanes that read one word share it.
static uint64_t wavefrontsOf(const std::vector<uint64_t> &addresses, uint32_t bytes) {
  size_t lanes = std::max<size_t>(1, bytes <= 4 ? 32 : 128 / bytes);
  uint64_t wavefronts = 0;
  for (size_t first = 0; first < addresses.size(); first += lanes) {
    std::array<std::set<uint64_t>, banks> words;
    for (size_t i = first; i < std::min(first + lanes, addresses.size()); ++i)
      for (uint64_t word = addresses[i] / bankBytes, last = (addresses[i] + bytes - 1) / bankBytes; word <= last; ++word)
        words[word % banks].insert(word);
    size_t most = 0;
    for (const std::set<uint64_t> &bank : words)
      most = std::max(most, bank.size());
    wavefronts += most;
  }
  return wavefronts;
}

void Counters::count(const Group &group) {
  uint64_t lanes = group.addresses.size();
  if (group.isShared) {
    ++totals.sharedRequests;
    totals.sharedWavefronts += wavefrontsOf(group.addresses, group.bytes);
    totals.sharedIdealWavefronts += std::max<uint64_t>(1, (lanes * group.bytes + 127) / 128);
    return;
  }
  std::set<uint64_t> sectors, touched;
  for (uint64_t address : group.addresses) {
    for (uint64_t sector = address / sectorBytes, last = (address + group.bytes - 1) / sectorBytes; sector <= last; ++sector)
      sectors.insert(sector);
    touched.insert(address);
  }
  ++totals.globalRequests;
  totals.globalSectors += sectors.size();
  totals.globalIdealSectors += (touched.size() * group.bytes + sectorBytes - 1) / sectorBytes;
}

void Counters::endBlock() {
  for (const auto &[key, group] : groups)
    count(group);
  sampled = false;
}

MemoryCounters Counters::take() {
  MemoryCounters taken = totals;
  totals = MemoryCounters();
  return taken;
}

} // namespace archrt::emu
