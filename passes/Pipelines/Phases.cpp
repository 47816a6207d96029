//===- Phases.cpp - What each phase consists of ---------------------------===//

#include "passes/Pipelines/Phases.h"

#include "passes/Expand/Passes.h"
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

static void buildExpand(OpPassManager &passes) {
  passes.addPass(createExpandArchitecturePass());
  passes.addPass(createVerifyExpandedPass());
}

static void buildSimplify(OpPassManager &passes) {
  // First, so that a norm that two equal mixers read is one op, or one mixer is left.
  cleanUp(passes);
  passes.addNestedPass<func::FuncOp>(createCancelNormShiftPass());
  cleanUp(passes);
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
