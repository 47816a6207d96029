#include "passes/Plan/Passes.h"

#include "dialect/mf/MfDialect.h"
#include "dialect/plan/Plan.h"
#include "passes/Plan/Layouts.h"
#include "passes/Plan/Planner.h"

using namespace mlir;

namespace archc {

#define GEN_PASS_DEF_PACKWEIGHTSPASS
#define GEN_PASS_DEF_PLANPROGRAMPASS
#include "passes/Plan/Passes.h.inc"

namespace {

struct PackWeightsPass : impl::PackWeightsPassBase<PackWeightsPass> {
  void runOnOperation() override {
    packResults(getOperation().lookupSymbol<func::FuncOp>("prepare"), getOperation().lookupSymbol<func::FuncOp>("forward"));
  }
};

struct PlanProgramPass : impl::PlanProgramPassBase<PlanProgramPass> {
  using PlanProgramPassBase::PlanProgramPassBase;
  void runOnOperation() override {
    auto cpu = cpu::findCpuTarget(StringRef(target).split(':').second.str());
    if (!cpu) {
      getOperation().emitError() << "unknown target `" << target << "`; expected `cpu:x86-64-v3` or `cpu:x86-64-v4`";
      return signalPassFailure();
    }
    PlanOptions options{target, {mean.begin(), mean.end()}, {deviation.begin(), deviation.end()}};
    if (failed(planProgram(getOperation(), *cpu, options)))
      signalPassFailure();
  }
};

} // namespace
} // namespace archc
