//===- Block.cpp - Runs thread blocks, one after the other ----------------===//

#include "tools/emu/Block.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <random>

namespace archrt::emu {

constexpr uint32_t warpLanes = 32;
/// Filled in where nothing was written: a NaN of every format.
constexpr int unwritten = 0xFF;
constexpr size_t sharedAlignment = 1024;

bool Block::prepare(LaunchState &state) {
  launch = &state;
  uint32_t count = state.shape.threads;
  if (!fibers.reserve(count, state.kernel.stackBytes))
    return false;
  while (threads.size() < count)
    threads.push_back(std::make_unique<ThreadContext>());
  warps.resize((count + warpLanes - 1) / warpLanes);
  order.resize(warps.size());
  std::iota(order.begin(), order.end(), 0);
  sharedBytes = state.sharedBytes();
  memory.resize(std::max<size_t>(memory.size(), sharedBytes + 2 * sharedAlignment));
  shared = memory.data() + sharedAlignment - reinterpret_cast<uintptr_t>(memory.data()) % sharedAlignment;
  shadow.prepare(sharedBytes, state.kernel.granule);
  for (uint32_t i = 0; i < count; ++i) {
    ThreadContext &thread = *threads[i];
    thread = ThreadContext();
    thread.threadIndex[0] = thread.thread = i;
    for (int axis = 0; axis < 3; ++axis)
      thread.blockSize[axis] = thread.gridSize[axis] = 1;
    thread.blockSize[0] = count;
    thread.gridSize[0] = state.shape.blocks;
    thread.lane = i % warpLanes;
    thread.warp = i / warpLanes;
    thread.shared = shared;
    thread.arguments = state.arguments.data();
    thread.block = this;
  }
  return true;
}

void Block::start(uint32_t index) {
  blockIndex = index;
  failed = false;
  live = launch->shape.threads;
  for (uint32_t i = 0; i < live; ++i) {
    ThreadContext &thread = *threads[i];
    thread.blockIndex[0] = index;
    thread.fuel = launch->options.fuel;
    thread.state = ThreadState::New;
    thread.warpEpoch = 0;
    thread.copies.clear();
  }
  for (Warp &warp : warps)
    warp.groups.clear();
  std::memset(shared, unwritten, sharedBytes);
  shadow.startBlock();
  if (launch->options.counters)
    counters.startBlock(index < 2 || index + 1 == launch->shape.blocks);
  if (launch->options.seed) {
    std::mt19937_64 random(launch->options.seed * 0x9E3779B97F4A7C15 + index);
    std::shuffle(order.begin(), order.end(), random);
  }
}

void Block::run(uint32_t index) {
  start(index);
  while (live > 0 && !failed) {
    for (uint32_t warp : order) {
      runWarp(warp);
      if (failed)
        break;
    }
    if (live == 0 || failed || !releaseBarrier())
      break;
  }
  if (launch->options.counters && counters.isSampled())
    counters.endBlock();
  // Threads that a finding stopped in the middle.
  for (uint32_t i = 0; i < launch->shape.threads; ++i)
    if (threads[i]->state != ThreadState::Done && threads[i]->state != ThreadState::New) {
      fibers.reset(*threads[i]->fiber);
      fibers.giveBack(threads[i]->fiber);
    }
  if (failed || live > 0)
    shadow.forgetInFlight();
}

bool Block::resume(ThreadContext &thread) {
  if (thread.state == ThreadState::New)
    thread.fiber = fibers.take();
  else if (thread.state != ThreadState::Ready)
    return false;
  thread.state = ThreadState::Ready;
  fibers.run(*thread.fiber, thread);
  if (thread.state == ThreadState::Done)
    fibers.giveBack(thread.fiber);
  return true;
}

void Block::runWarp(uint32_t warp) {
  uint32_t first = warp * warpLanes, last = std::min(first + warpLanes, launch->shape.threads);
  bool progressed = true;
  while (progressed) {
    progressed = false;
    for (uint32_t i = first; i < last && !failed; ++i)
      progressed |= resume(*threads[i]);
    if (failed)
      return;
    if (!progressed)
      progressed = releaseActiveMask(warp);
  }
  if (!warps[warp].groups.empty())
    reportStuckWarp(warp);
}

void Block::runThread(ThreadContext &thread) {
  launch->kernel.entry(&thread);
  if (const AsyncCopy *copy = thread.copies.first()) {
    report(thread, FindingKind::AsyncInFlight, Access(copy->access).site, "the thread ends before it waits for the copy");
    failed = true;
  }
  thread.state = ThreadState::Done;
  --live;
}

uint32_t Block::barrier(ThreadContext &thread, uint32_t site, uint32_t id) {
  thread.state = ThreadState::AtBarrier;
  thread.site = site;
  thread.barrier = id;
  fibers.suspend();
  return thread.vote;
}

bool Block::releaseBarrier() {
  uint32_t count = launch->shape.threads, trueOnes = 0;
  const ThreadContext &one = *threads[0];
  for (uint32_t i = 0; i < count; ++i) {
    const ThreadContext &thread = *threads[i];
    if (thread.state != ThreadState::AtBarrier || thread.site != one.site || thread.barrier != one.barrier) {
      reportStuckBarrier();
      return false;
    }
    trueOnes += thread.vote;
  }
  shadow.barrier();
  for (uint32_t i = 0; i < count; ++i) {
    threads[i]->vote = trueOnes;
    threads[i]->state = ThreadState::Ready;
    threads[i]->warpEpoch = 0; // what happened before is ordered by this barrier
  }
  return true;
}

void Block::collective(ThreadContext &thread, const CollectiveCall &call) {
  Warp &warp = warps[thread.warp];
  uint32_t bit = 1u << thread.lane;
  if (!(call.mask & bit))
    fail(thread, FindingKind::LaneOutsideMask, call.site, concat("mask ", call.mask, " lacks the calling lane ", thread.lane));
  warp.calls[thread.lane] = call;
  auto group = std::find_if(warp.groups.begin(), warp.groups.end(),
                            [&](const LaneGroup &other) { return other.site == call.site && other.mask == call.mask; });
  if (group == warp.groups.end())
    group = warp.groups.insert(group, LaneGroup{call.op, call.site, call.mask, 0});
  group->arrived |= bit;
  if (group->arrived == group->mask && call.op != CollectiveOp::ActiveMask) {
    LaneGroup whole = *group;
    warp.groups.erase(group);
    finishCollective(thread.warp, whole);
    return;
  }
  thread.state = ThreadState::AtCollective;
  thread.site = call.site;
  fibers.suspend();
}

void Block::finishCollective(uint32_t warp, const LaneGroup &group) {
  runCollective(*this, warp, group, warps[warp]);
  for (uint32_t lane = 0; lane < warpLanes; ++lane)
    if (group.arrived >> lane & 1)
      threads[warp * warpLanes + lane]->state = ThreadState::Ready;
}

bool Block::releaseActiveMask(uint32_t warp) {
  std::vector<LaneGroup> &groups = warps[warp].groups;
  auto group =
      std::find_if(groups.begin(), groups.end(), [](const LaneGroup &other) { return other.op == CollectiveOp::ActiveMask; });
  if (group == groups.end())
    return false;
  LaneGroup lanes = *group;
  groups.erase(group);
  finishCollective(warp, lanes);
  return true;
}

void Block::passWarpBarrier(uint32_t warp, uint32_t mask) {
  uint32_t latest = 0;
  for (int store = 0; store < 2; ++store)
    for (uint32_t lane = 0; lane < warpLanes; ++lane) {
      if (!(mask >> lane & 1))
        continue;
      ThreadContext &thread = *threads[warp * warpLanes + lane];
      if (store)
        thread.warpEpoch = latest + 1;
      else
        latest = std::max(latest, thread.warpEpoch);
    }
}

void Block::abandon(ThreadContext &thread) {
  failed = true;
  thread.state = ThreadState::AtCollective; // not finished: run() takes its fiber back
  while (true)
    fibers.suspend();
}

} // namespace archrt::emu
