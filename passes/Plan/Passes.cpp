#include "passes/Plan/Passes.h"

#include "dialect/mf/MfDialect.h"
#include "dialect/plan/Plan.h"
#include "passes/Plan/Layouts.h"
#include "passes/Plan/Planner.h"
#include "passes/Plan/Targets.h"

using namespace mlir;

namespace archc {

#define GEN_PASS_DEF_PACKWEIGHTSPASS
#define GEN_PASS_DEF_PLANPROGRAMPASS
#include "passes/Plan/Passes.h.inc"

namespace {

/// Both phases work on the halves that `mf-split-prepare` leaves.
LogicalResult expectHalves(ModuleOp module) {
  auto exists = [&](StringRef name) { return module.lookupSymbol<func::FuncOp>(name) != nullptr; };
  if (exists("prepare") && exists("forward") && exists("grad") == exists("prepare_grad"))
    return success();
  return module.emitError("no functions `prepare` and `forward`; expected a module that `mf-split-prepare` has split");
}

struct PackWeightsPass : impl::PackWeightsPassBase<PackWeightsPass> {
  void runOnOperation() override {
    if (failed(expectHalves(getOperation())))
      return signalPassFailure();
    auto function = [&](StringRef name) { return getOperation().lookupSymbol<func::FuncOp>(name); };
    packResults(function("prepare"), function("forward"));
    if (function("grad"))
      packResults(function("prepare_grad"), function("grad"));
  }
};

struct PlanProgramPass : impl::PlanProgramPassBase<PlanProgramPass> {
  using PlanProgramPassBase::PlanProgramPassBase;
  void runOnOperation() override {
    if (failed(expectHalves(getOperation())))
      return signalPassFailure();
    std::unique_ptr<kernels::KernelTarget> found = findTarget(target);
    if (!found) {
      getOperation().emitError() << unknownTarget(target);
      return signalPassFailure();
    }
    PlanOptions options{target, {mean.begin(), mean.end()}, {deviation.begin(), deviation.end()}};
    if (failed(planProgram(getOperation(), *found, options)))
      signalPassFailure();
  }
};

} // namespace
} // namespace archc
