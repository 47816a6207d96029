#include "passes/Fuse/Passes.h"

#include "dialect/mf/MfOps.h"
#include "passes/Fuse/Groups.h"
#include "passes/Fuse/SplitStatistics.h"

using namespace mlir;

namespace archc {

#define GEN_PASS_DEF_FUSEPASS
#define GEN_PASS_DEF_SPLITSTATISTICSPASS
#include "passes/Fuse/Passes.h.inc"

namespace {

struct SplitStatisticsPass : impl::SplitStatisticsPassBase<SplitStatisticsPass> {
  void runOnOperation() override { splitStatistics(getOperation()); }
};

/// `prepare` computes parameters: only functions of maps are grouped.
bool computesMaps(func::FuncOp func) { return func.getNumArguments() > 0; }

/// Whether `use` reads rows beside its own, in whole vectors.
bool readsNeighbours(OpOperand &use) {
  auto fusable = dyn_cast<mf::FusableOpInterface>(use.getOwner());
  return fusable && fusable.getNeed() != mf::Need::Rows && !isa<mf::ContractionOpInterface>(use.getOwner());
}

/// The input is dense, as the caller has it: a mixer that reads it directly gets a copy with padded rows.
void copyInput(func::FuncOp func) {
  BlockArgument input = func.getArgument(0);
  if (llvm::none_of(input.getUses(), readsNeighbours))
    return;
  OpBuilder builder = OpBuilder::atBlockBegin(&func.getBody().front());
  auto copy = mf::AffineOp::create(builder, input.getLoc(), input, /*scale=*/Value(), /*shift=*/Value());
  input.replaceUsesWithIf(copy.getY(), readsNeighbours);
}

struct FusePass : impl::FusePassBase<FusePass> {
  using FusePassBase::FusePassBase;
  void runOnOperation() override {
    if (!computesMaps(getOperation()))
      return;
    copyInput(getOperation());
    rematerialize(getOperation());
    FuseOptions options{enabled, scratchBudget, minRows, cachedWeights, wholeLines};
    outlineGroups(getOperation(), formGroups(getOperation(), options));
  }
};

} // namespace
} // namespace archc
