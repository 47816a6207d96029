//===- OuterProduct.h - The GEMM of weight gradients ----------------------===//
//
// sums[i][j] += sum over the rows of a chunk of factors[row][i] * columns[row][j]. A chunk of both maps is packed: factors in tiles of
// `tileRows` numbers per row, columns in panels; so the strides of the maps touch the caches once, and all inner addresses are
// constants. Each output is one fma chain per chunk, and the chunks' sums are added in ascending order: what a result's bits depend on
// is the number of rows, not the blocks or tiles it is computed in.
//
// Rows are found through tables of addresses, one per row of a chunk: a gathered window and a plain map are packed by the same code.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_PASSES_LOWERCPU_OUTERPRODUCT_H
#define ARCHC_PASSES_LOWERCPU_OUTERPRODUCT_H

#include "passes/LowerCpu/CpuCode.h"

namespace archc::cpu {

/// Rows of a chunk, and how many of them a step of the inner loop takes; rows of a chunk's table are whole steps.
constexpr int64_t kChunkRows = 128, kStepRows = 8;

struct OuterProduct {
  int64_t tileRows = 1;   // factors of one tile, at most CpuTarget::tileRows
  int64_t prefetches = 1; // groups of 16 lines of the next chunk that a tile prefetches

  /// Bytes of one packed tile, one packed panel, and the sums of one tile and panel.
  int64_t factorBytes(const CpuTarget &target) const { return 4 * (kChunkRows * tileRows + target.panelWidth()); }
  int64_t columnBytes(const CpuTarget &target) const { return 4 * kChunkRows * target.panelWidth() + 64; }
  int64_t sumBytes(const CpuTarget &target) const { return 4 * tileRows * target.panelWidth(); }

  /// As few tiles of equal height as `count` factors need.
  static int64_t chooseTileRows(const CpuTarget &target, int64_t count);
};

/// Numbers [start, start + tiles * tileRows) of each row of `table`; those from `end` on are zeros. Offsets in floats.
struct PackFactors {
  Value table, steps, start, end, tiles, to;
};
void emitPackFactors(Code &code, const OuterProduct &product, const PackFactors &arguments);

/// Columns [start, start + panels * NR), all of which can be read.
struct PackColumns {
  Value table, steps, start, panels, to;
};
void emitPackColumns(Code &code, const OuterProduct &product, const PackColumns &arguments);

/// sums[panel][tile][tileRows][NR] += products of one chunk. While they run, the next chunk's rows are prefetched as they will be packed.
struct AccumulateArguments {
  Value factors, columns, sums, steps, tiles, panels;
  Value nextFactors, factorStart, nextColumns, columnStart; // tables, and where their rows will be read
};
void emitAccumulate(Code &code, const OuterProduct &product, const AccumulateArguments &arguments);

} // namespace archc::cpu

#endif // ARCHC_PASSES_LOWERCPU_OUTERPRODUCT_H
