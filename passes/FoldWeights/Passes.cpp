#include "passes/FoldWeights/Passes.h"

#include "dialect/mf/MfDialect.h"
#include "passes/FoldWeights/FoldWeights.h"

using namespace mlir;

namespace archc {

#define GEN_PASS_DEF_FOLDAFFINEPASS
#define GEN_PASS_DEF_SPLITPREPAREPASS
#include "passes/FoldWeights/Passes.h.inc"

namespace {

struct FoldAffinePass : impl::FoldAffinePassBase<FoldAffinePass> {
  using FoldAffinePassBase::FoldAffinePassBase;
  void runOnOperation() override {
    if (getOperation().getName() == "grad")
      return; // its weights are those that the optimizer changes
    lowerRunningNorms(getOperation());
    if (intoWeights)
      foldAffine(getOperation());
  }
};

struct SplitPreparePass : impl::SplitPreparePassBase<SplitPreparePass> {
  void runOnOperation() override {
    auto forward = getOperation().lookupSymbol<func::FuncOp>("forward");
    if (!forward || forward.getNumArguments() != 1) {
      getOperation().emitError("no function `forward` of one argument to split");
      return signalPassFailure();
    }
    splitPrepare(forward, "prepare");
    if (auto grad = getOperation().lookupSymbol<func::FuncOp>("grad"))
      splitPrepare(grad, "prepare_grad");
  }
};

} // namespace
} // namespace archc
