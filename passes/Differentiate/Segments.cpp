//===- Segments.cpp - What the pass back computes again -------------------===//

#include "passes/Differentiate/Segments.h"

#include "dialect/mf/Markers.h"

using namespace mlir;

namespace archc {

/// The name path of an op; of the end of a block that of the op, not of the block.
static StringRef pathOf(Operation *op) {
  Location loc = op->getLoc();
  if (auto fused = dyn_cast<FusedLoc>(loc))
    loc = fused.getLocations().front();
  auto named = dyn_cast<NameLoc>(loc);
  return named ? named.getName().getValue() : StringRef();
}

/// "stages.2" of "stages.2.blocks.3.add2".
static StringRef stageOf(Operation *op) { return pathOf(op).split(".blocks.").first; }

std::vector<Segment> segmentsOf(ArrayRef<Operation *> ops, Checkpoints checkpoints) {
  SmallVector<Operation *> ends = llvm::to_vector(llvm::make_filter_range(
      ops, [&](Operation *op) { return checkpoints != Checkpoints::None && op->hasAttr(mf::kObservedAttrName); }));
  llvm::SmallDenseSet<Operation *> cuts;
  for (auto [index, end] : llvm::enumerate(ends))
    if (checkpoints == Checkpoints::Block || index + 1 == ends.size() || stageOf(end) != stageOf(ends[index + 1]))
      cuts.insert(end);
  std::vector<Segment> segments(1);
  for (Operation *op : ops) {
    segments.back().ops.push_back(op);
    if (cuts.contains(op)) {
      segments.back().isRecomputed = true;
      segments.emplace_back();
    }
  }
  return segments;
}

Location derivedLoc(Location loc, StringRef suffix) {
  if (auto fused = dyn_cast<FusedLoc>(loc))
    loc = fused.getLocations().front();
  auto named = dyn_cast<NameLoc>(loc);
  if (!named)
    return loc;
  return NameLoc::get(StringAttr::get(loc.getContext(), named.getName().getValue() + suffix), named.getChildLoc());
}

} // namespace archc
