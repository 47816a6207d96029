//===- Register.cpp - Dialects and passes by name -------------------------===//

#include "passes/Pipelines/Register.h"

#include "dialect/mf/MfDialect.h"
#include "dialect/plan/Plan.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/Passes.h"

void archc::registerDialects(mlir::DialectRegistry &registry) {
  registry.insert<mf::MfDialect, plan::PlanDialect, mlir::arith::ArithDialect, mlir::func::FuncDialect>();
}

void archc::registerPasses() { mlir::registerTransformsPasses(); }
