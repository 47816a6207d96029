//===- Segments.h - What the pass back computes again ---------------------===//

#ifndef ARCHC_PASSES_DIFFERENTIATE_SEGMENTS_H
#define ARCHC_PASSES_DIFFERENTIATE_SEGMENTS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <vector>

namespace archc {

/// Consecutive ops of the network. Of a segment that is recomputed only what enters it stays in memory until the pass back comes
/// to it; everything else is computed a second time.
struct Segment {
  llvm::SmallVector<mlir::Operation *> ops;
  bool isRecomputed = false;
};

/// How a network is cut: not at all, behind each block, or behind the last block of each stage. What follows the last cut is the
/// first that the pass back needs, and stays.
enum class Checkpoints { None, Block, Stage };

/// Cuts `ops`, the network in order, at the ops that `expand` marked as the ends of blocks.
std::vector<Segment> segmentsOf(llvm::ArrayRef<mlir::Operation *> ops, Checkpoints checkpoints);

/// The location of an op derived from one at `loc`: its path with `suffix` behind it, around the same spec lines.
mlir::Location derivedLoc(mlir::Location loc, llvm::StringRef suffix);

} // namespace archc

#endif // ARCHC_PASSES_DIFFERENTIATE_SEGMENTS_H
