//===- Collectives.cpp - What the lanes of a warp do together -------------===//

#include "tools/emu/Collectives.h"

#include "tools/emu/Block.h"

#include <cstring>

namespace archrt::emu {

namespace {

template <typename Function> void forLanes(uint32_t mask, Function function) {
  for (uint32_t lane = 0; lane < 32; ++lane)
    if (mask >> lane & 1)
      function(lane);
}

// --- Shuffles: in = mask, value, lane operand, clamp and segment ---

struct Source {
  uint32_t lane = 0;
  bool isInRange = false;
};

/// As PTX defines shfl.sync.
Source shuffleSource(CollectiveOp op, uint32_t lane, uint32_t operand, uint32_t clampAndSegment) {
  uint32_t by = operand & 31, clamp = clampAndSegment & 31, segment = clampAndSegment >> 8 & 31;
  uint32_t most = (lane & segment) | (clamp & ~segment), least = lane & segment;
  int32_t from = int32_t(lane);
  bool isInRange = true;
  switch (op) {
  case CollectiveOp::ShuffleUp:
    from = int32_t(lane) - int32_t(by);
    isInRange = from >= int32_t(most);
    break;
  case CollectiveOp::ShuffleDown:
    from = int32_t(lane + by);
    isInRange = from <= int32_t(most);
    break;
  case CollectiveOp::ShuffleButterfly:
    from = int32_t(lane ^ by);
    isInRange = from <= int32_t(most);
    break;
  default:
    from = int32_t(least | (by & ~segment));
    isInRange = from <= int32_t(most);
  }
  return {isInRange ? uint32_t(from) : lane, isInRange};
}

void shuffle(Block &block, uint32_t warp, const LaneGroup &group, Warp &lanes) {
  forLanes(group.mask, [&](uint32_t lane) {
    const CollectiveCall &call = lanes.calls[lane];
    Source source = shuffleSource(group.op, lane, uint32_t(call.in[2]), uint32_t(call.in[3]));
    if (!(group.mask >> source.lane & 1)) {
      block.report(block.context(warp * 32 + lane), FindingKind::LaneOutsideMask, call.site,
                   concat("reads lane ", source.lane, ", which the mask lacks"));
      call.out[0] = ~uint64_t(0);
    } else {
      call.out[0] = lanes.calls[source.lane].in[1] & 0xFFFFFFFF;
    }
    call.out[1] = source.isInRange;
  });
}

// --- Votes: in = mask, predicate ---

void vote(const LaneGroup &group, Warp &lanes) {
  uint32_t ballot = 0;
  forLanes(group.arrived, [&](uint32_t lane) { ballot |= uint32_t(lanes.calls[lane].in[1] & 1) << lane; });
  uint64_t result = ballot;
  if (group.op == CollectiveOp::VoteAll)
    result = ballot == group.mask;
  else if (group.op == CollectiveOp::VoteAny)
    result = ballot != 0;
  else if (group.op == CollectiveOp::VoteUniform)
    result = ballot == group.mask || ballot == 0;
  else if (group.op == CollectiveOp::ActiveMask)
    result = group.arrived;
  forLanes(group.arrived, [&](uint32_t lane) { lanes.calls[lane].out[0] = result; });
}

// --- ldmatrix: in = address of a row, access ---

constexpr uint32_t matrixRows = 8, rowBytes = 16;

struct LoadMatrix {
  uint32_t matrices = 1;
  bool transposes = false;
};

LoadMatrix loadMatrixOf(CollectiveOp op) {
  auto offset = uint32_t(op) - uint32_t(CollectiveOp::LoadMatrix1);
  return {1u << offset % 3, offset >= 3};
}

void loadMatrix(Block &block, uint32_t warp, const LaneGroup &group, Warp &lanes) {
  LoadMatrix load = loadMatrixOf(group.op);
  uint16_t values[4][matrixRows][matrixRows];
  // Lane 8 m + r holds the address of row r of matrix m.
  for (uint32_t lane = 0; lane < load.matrices * matrixRows; ++lane) {
    const CollectiveCall &call = lanes.calls[lane];
    auto *row = reinterpret_cast<const uint8_t *>(call.in[0]);
    if (call.in[1])
      block.access(const_cast<ThreadContext &>(block.context(warp * 32 + lane)), row, Access(call.in[1]));
    std::memcpy(values[lane / matrixRows][lane % matrixRows], row, rowBytes);
  }
  forLanes(group.mask, [&](uint32_t lane) {
    uint32_t row = lane / 4, column = lane % 4 * 2;
    for (uint32_t matrix = 0; matrix < load.matrices; ++matrix) {
      auto &from = values[matrix];
      uint32_t low = load.transposes ? from[column][row] : from[row][column];
      uint32_t high = load.transposes ? from[column + 1][row] : from[row][column + 1];
      lanes.calls[lane].out[matrix] = low | high << 16;
    }
  });
}

} // namespace

void runCollective(Block &block, uint32_t warp, const LaneGroup &group, Warp &lanes) {
  switch (group.op) {
  case CollectiveOp::WarpBarrier:
    return block.passWarpBarrier(warp, group.mask);
  case CollectiveOp::ShuffleUp:
  case CollectiveOp::ShuffleDown:
  case CollectiveOp::ShuffleButterfly:
  case CollectiveOp::ShuffleIndex:
    return shuffle(block, warp, group, lanes);
  case CollectiveOp::VoteAll:
  case CollectiveOp::VoteAny:
  case CollectiveOp::VoteUniform:
  case CollectiveOp::VoteBallot:
  case CollectiveOp::ActiveMask:
    return vote(group, lanes);
  case CollectiveOp::LoadMatrix1:
  case CollectiveOp::LoadMatrix2:
  case CollectiveOp::LoadMatrix4:
  case CollectiveOp::LoadMatrixTransposed1:
  case CollectiveOp::LoadMatrixTransposed2:
  case CollectiveOp::LoadMatrixTransposed4:
    return loadMatrix(block, warp, group, lanes);
  case CollectiveOp::MmaTf32:
  case CollectiveOp::MmaHalf:
  case CollectiveOp::MmaBfloat:
  case CollectiveOp::MmaBfloatK8:
    return runMma(group, lanes);
  }
}

} // namespace archrt::emu
