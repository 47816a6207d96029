//===- Register.cpp - Dialects and passes by name -------------------------===//

#include "passes/Pipelines/Register.h"

#include "dialect/mf/MfDialect.h"
#include "dialect/plan/Plan.h"
#include "passes/Differentiate/Passes.h"
#include "passes/Expand/Passes.h"
#include "passes/FoldWeights/Passes.h"
#include "passes/Fuse/Passes.h"
#include "passes/Pipelines/Phases.h"
#include "passes/Plan/Passes.h"
#include "passes/Simplify/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

void archc::registerDialects(mlir::DialectRegistry &registry) {
  registry.insert<mf::MfDialect, plan::PlanDialect, mlir::arith::ArithDialect, mlir::func::FuncDialect>();
}

void archc::registerPasses() {
  mlir::registerTransformsPasses();
  registerExpandPasses();
  registerDifferentiatePasses();
  registerSimplifyPasses();
  registerFoldWeightsPasses();
  registerFusePasses();
  registerPlanPasses();
  for (const PhaseRow &row : phases())
    if (row.build)
      mlir::PassPipelineRegistration<>("archc-" + row.name.str(), row.help,
                                       [build = row.build](mlir::OpPassManager &passes) { build(passes, PhaseOptions()); });
}
