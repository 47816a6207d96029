//===- Phases.cpp - What each phase consists of ---------------------------===//

#include "passes/Pipelines/Phases.h"

#include "passes/Differentiate/Passes.h"
#include "passes/Expand/Passes.h"
#include "passes/FoldWeights/Passes.h"
#include "passes/Fuse/Passes.h"
#include "passes/Plan/Passes.h"
#include "passes/Plan/Targets.h"
#include "passes/Simplify/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace archc {

/// The clean-up that ends a phase.
static void cleanUp(OpPassManager &passes) {
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createCSEPass());
}

static void buildExpand(OpPassManager &passes, const PhaseOptions &) {
  passes.addPass(createExpandArchitecturePass());
  passes.addPass(createVerifyExpandedPass());
}

/// Before the algebra of `simplify`, which then applies to the network and to its gradients alike: rules differentiate what the
/// network says.
static void buildDifferentiate(OpPassManager &passes, const PhaseOptions &options) {
  if (options.train)
    passes.addPass(createDifferentiatePass(
        DifferentiatePassOptions{options.loss, options.checkpoints, options.dropPath, options.headDropout}));
}

static void buildSimplify(OpPassManager &passes, const PhaseOptions &) {
  // First, so that a norm that two equal mixers read is one op, or one mixer is left.
  cleanUp(passes);
  passes.addNestedPass<func::FuncOp>(createCancelNormShiftPass());
  cleanUp(passes);
}

static void buildFoldWeights(OpPassManager &passes, const PhaseOptions &options) {
  passes.addNestedPass<func::FuncOp>(createFoldAffinePass(FoldAffinePassOptions{options.fold}));
  passes.addPass(createSplitPreparePass());
  cleanUp(passes);
}

static void buildFuse(OpPassManager &passes, const PhaseOptions &options) {
  FusePassOptions fuse;
  fuse.enabled = options.fuse;
  if (auto target = findTarget(options.target)) {
    kernels::BlockLimits limits = target->blockLimits();
    fuse.scratchBudget = limits.scratchBytes;
    fuse.minRows = limits.minRows;
    fuse.cachedWeights = limits.cachedWeights;
    fuse.wholeLines = limits.wholeLines;
  }
  // Before grouping, so that statistics ride on the kernel that computes their map.
  passes.addNestedPass<func::FuncOp>(createSplitStatisticsPass());
  passes.addNestedPass<func::FuncOp>(createFusePass(fuse));
}

static void buildLayout(OpPassManager &passes, const PhaseOptions &) { passes.addPass(createPackWeightsPass()); }

static void buildPlan(OpPassManager &passes, const PhaseOptions &options) {
  PlanProgramPassOptions plan;
  plan.target = options.target;
  plan.mean.append(options.mean.begin(), options.mean.end());
  plan.deviation.append(options.std.begin(), options.std.end());
  passes.addPass(createPlanProgramPass(plan));
}

llvm::ArrayRef<PhaseRow> phases() {
  static const PhaseRow rows[] = {
#define ARCHC_PHASE_OUTSIDE(ENUMERATOR, NAME, HELP) {Phase::ENUMERATOR, NAME, HELP, nullptr},
#define ARCHC_PHASE(ENUMERATOR, NAME, HELP) {Phase::ENUMERATOR, NAME, HELP, build##ENUMERATOR},
#include "passes/Pipelines/Phases.def"
  };
  return rows;
}

const PhaseRow *findPhase(llvm::StringRef name) {
  for (const PhaseRow &row : phases())
    if (row.name == name)
      return &row;
  return nullptr;
}

} // namespace archc
