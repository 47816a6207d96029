//===- Mma.cpp - mma.sync of one warp -------------------------------------===//
//
// Numerics: operands are exact in f32 (tf32 drops the 13 low bits of what it gets, as the hardware does); products are exact; they are
// added to the accumulator one after the other in ascending k, each sum rounded to f32 (to nearest even). The hardware's order inside one
// instruction is not documented, so results may differ from a device's in the last bits.
//
//===----------------------------------------------------------------------===//

#include "tools/emu/Collectives.h"

#include "runtime/weights/Convert.h"

#include <cstring>

namespace archrt::emu {

namespace {

constexpr uint32_t rows = 16, columns = 8, mostDepth = 16;

uint32_t bitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

struct Tile {
  float a[rows][mostDepth], b[mostDepth][columns], c[rows][columns];
};

/// 16-bit operands: register r of A holds row g + 8 (r & 1), columns 2 t + 8 (r >> 1) and the next; of B rows 2 t + 8 r, column g;
/// g = lane / 4, t = lane % 4.
template <typename Convert>
void gatherHalves(uint32_t depth, const CollectiveCall &call, uint32_t lane, Tile &tile, Convert convert) {
  uint32_t g = lane / 4, t = lane % 4, registersOfA = depth / 4, registersOfB = depth / 8;
  for (uint32_t r = 0; r < registersOfA; ++r)
    for (uint32_t half = 0; half < 2; ++half)
      tile.a[g + 8 * (r & 1)][2 * t + 8 * (r >> 1) + half] = convert(uint32_t(call.in[r]) >> 16 * half & 0xFFFF);
  for (uint32_t r = 0; r < registersOfB; ++r)
    for (uint32_t half = 0; half < 2; ++half)
      tile.b[2 * t + 8 * r + half][g] = convert(uint32_t(call.in[registersOfA + r]) >> 16 * half & 0xFFFF);
}

/// tf32, m16n8k8: register r of A holds row g + 8 (r & 1), column t + 4 (r >> 1); of B row t + 4 r, column g.
void gatherTf32(const CollectiveCall &call, uint32_t lane, Tile &tile) {
  uint32_t g = lane / 4, t = lane % 4;
  constexpr uint32_t kept = 0xFFFFE000;
  for (uint32_t r = 0; r < 4; ++r)
    tile.a[g + 8 * (r & 1)][t + 4 * (r >> 1)] = floatFromBits(uint32_t(call.in[r]) & kept);
  for (uint32_t r = 0; r < 2; ++r)
    tile.b[t + 4 * r][g] = floatFromBits(uint32_t(call.in[4 + r]) & kept);
}

/// Accumulators: register r holds row g + 8 (r >> 1), column 2 t + (r & 1).
float &accumulator(Tile &tile, uint32_t lane, uint32_t r) { return tile.c[lane / 4 + 8 * (r >> 1)][2 * (lane % 4) + (r & 1)]; }

} // namespace

void runMma(const LaneGroup &group, Warp &lanes) {
  Tile tile;
  uint32_t depth = group.op == CollectiveOp::MmaTf32 || group.op == CollectiveOp::MmaBfloatK8 ? 8 : 16;
  uint32_t operands = group.op == CollectiveOp::MmaTf32 ? 6 : depth / 4 + depth / 8;
  for (uint32_t lane = 0; lane < 32; ++lane) {
    const CollectiveCall &call = lanes.calls[lane];
    if (group.op == CollectiveOp::MmaTf32)
      gatherTf32(call, lane, tile);
    else if (group.op == CollectiveOp::MmaHalf)
      gatherHalves(depth, call, lane, tile, [](uint32_t bits) { return halfToFloat(uint16_t(bits)); });
    else
      gatherHalves(depth, call, lane, tile, [](uint32_t bits) { return bfloatToFloat(uint16_t(bits)); });
    for (uint32_t r = 0; r < 4; ++r)
      accumulator(tile, lane, r) = floatFromBits(uint32_t(call.in[operands + r]));
  }
  for (uint32_t k = 0; k < depth; ++k)
    for (uint32_t i = 0; i < rows; ++i)
      for (uint32_t j = 0; j < columns; ++j)
        tile.c[i][j] += tile.a[i][k] * tile.b[k][j];
  for (uint32_t lane = 0; lane < 32; ++lane)
    for (uint32_t r = 0; r < 4; ++r)
      lanes.calls[lane].out[r] = bitsOf(accumulator(tile, lane, r));
}

} // namespace archrt::emu
