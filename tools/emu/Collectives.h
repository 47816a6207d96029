//===- Collectives.h - What the lanes of a warp do together ---------------===//

#ifndef ARCHC_TOOLS_EMU_COLLECTIVES_H
#define ARCHC_TOOLS_EMU_COLLECTIVES_H

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace archrt::emu {

class Block;
struct ThreadContext;

enum class CollectiveOp : uint8_t {
  WarpBarrier,
  ShuffleUp,
  ShuffleDown,
  ShuffleButterfly,
  ShuffleIndex,
  VoteAll,
  VoteAny,
  VoteUniform,
  VoteBallot,
  ActiveMask,
  LoadMatrix1, // ldmatrix of 1, 2 and 4 matrices of 8 x 8 halves
  LoadMatrix2,
  LoadMatrix4,
  LoadMatrixTransposed1,
  LoadMatrixTransposed2,
  LoadMatrixTransposed4,
  MmaTf32,     // m16n8k8
  MmaHalf,     // m16n8k16, f16 to f32
  MmaBfloat,   // m16n8k16, bf16 to f32
  MmaBfloatK8, // m16n8k8, bf16 to f32
};

/// One lane's part. `in` and `out` have a slot of 8 bytes per argument and per result.
struct CollectiveCall {
  CollectiveOp op = CollectiveOp::WarpBarrier;
  uint32_t site = 0, mask = 0;
  const uint64_t *in = nullptr;
  uint64_t *out = nullptr;
};

/// Lanes that wait for the others of their mask.
struct LaneGroup {
  CollectiveOp op = CollectiveOp::WarpBarrier;
  uint32_t site = 0, mask = 0, arrived = 0;
};

struct Warp {
  std::vector<LaneGroup> groups;
  std::array<CollectiveCall, 32> calls;
};

/// All lanes of `group` have come: does for each what the instruction does.
void runCollective(Block &block, uint32_t warp, const LaneGroup &group, Warp &lanes);

/// The products of one warp's matrices: fragments in and out as PTX lays them over lanes.
void runMma(const LaneGroup &group, Warp &lanes);

} // namespace archrt::emu

#endif // ARCHC_TOOLS_EMU_COLLECTIVES_H
