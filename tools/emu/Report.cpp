//===- Report.cpp - What a launch on the emulator found -------------------===//

#include "tools/emu/Report.h"

#include "runtime/core/Status.h"

#include <algorithm>
#include <tuple>

namespace archrt::emu {

const char *findingName(FindingKind kind) {
  switch (kind) {
  case FindingKind::OutOfBounds:
    return "out of bounds";
  case FindingKind::ReadOnly:
    return "write to a read-only operand";
  case FindingKind::Misaligned:
    return "misaligned access";
  case FindingKind::Uninitialised:
    return "uninitialised read";
  case FindingKind::SharedRace:
    return "race in shared memory";
  case FindingKind::GlobalRace:
    return "race in global memory";
  case FindingKind::BlockConflict:
    return "conflict between blocks";
  case FindingKind::DivergentBarrier:
    return "divergent barrier";
  case FindingKind::DivergentCollective:
    return "divergent collective";
  case FindingKind::LaneOutsideMask:
    return "lane outside the mask";
  case FindingKind::AsyncInFlight:
    return "asynchronous copy in flight";
  case FindingKind::OutOfFuel:
    return "endless loop";
  }
  return "finding";
}

std::string Finding::text() const {
  std::string out =
      concat("kernel `", kernel, "`, block ", block, ", thread ", thread, ": ", findingName(kind), ": ", instruction);
  if (!location.empty())
    out += " at " + location;
  if (!detail.empty())
    out += ": " + detail;
  if (count > 1)
    out += concat(" (", count, " times)");
  return out;
}

void MemoryCounters::add(const MemoryCounters &other) {
  sharedRequests += other.sharedRequests;
  sharedWavefronts += other.sharedWavefronts;
  sharedIdealWavefronts += other.sharedIdealWavefronts;
  globalRequests += other.globalRequests;
  globalSectors += other.globalSectors;
  globalIdealSectors += other.globalIdealSectors;
}

bool Report::has(FindingKind kind) const {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding &finding) { return finding.kind == kind; });
}

std::string Report::text() const {
  std::string out;
  for (const Finding &finding : findings)
    out += finding.text() + "\n";
  return out;
}

void FindingSink::add(uint32_t site, Finding finding) {
  std::lock_guard<std::mutex> lock(mutex);
  auto [entry, isNew] = found.try_emplace({finding.kind, site}, finding);
  Finding &kept = entry->second;
  if (!isNew && std::tie(finding.block, finding.thread) < std::tie(kept.block, kept.thread)) {
    finding.count = kept.count;
    kept = std::move(finding);
  }
  ++kept.count;
  if (found.size() >= most)
    isFull.store(true, std::memory_order_relaxed);
}

std::vector<Finding> FindingSink::take() {
  std::vector<Finding> all;
  for (auto &[key, finding] : found)
    all.push_back(std::move(finding));
  found.clear();
  return all;
}

} // namespace archrt::emu
