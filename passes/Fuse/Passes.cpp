#include "passes/Fuse/Passes.h"

#include "dialect/mf/MfDialect.h"
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

struct FusePass : impl::FusePassBase<FusePass> {
  using FusePassBase::FusePassBase;
  void runOnOperation() override {
    if (!computesMaps(getOperation()))
      return;
    FuseOptions options{enabled, scratchBudget, minRows, cachedWeights};
    outlineGroups(getOperation(), formGroups(getOperation(), options));
  }
};

} // namespace
} // namespace archc
