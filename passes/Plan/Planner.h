//===- Planner.h - From fused groups to a program -------------------------===//

#ifndef ARCHC_PASSES_PLAN_PLANNER_H
#define ARCHC_PASSES_PLAN_PLANNER_H

#include "dialect/plan/Plan.h"
#include "passes/Kernels/KernelTarget.h"

#include "mlir/IR/BuiltinOps.h"

#include <string>
#include <vector>

namespace archc {

/// What the planner cannot read off the functions.
struct PlanOptions {
  std::string target;            // "cpu:x86-64-v3"
  std::vector<double> mean, std; // of the input's channels, for the u8 entry
};

/// Adds a `plan.program` for `target` to `module`, from its functions `prepare` (results packed) and `forward` (fused ops only), and
/// from `prepare_grad` and `grad` where there is a training step.
/// Functions of the program: `prepare`, `forward_f32`, `forward_u8`, `prepare_grad`, `grad`.
mlir::LogicalResult planProgram(mlir::ModuleOp module, const kernels::KernelTarget &target, const PlanOptions &options);

/// The most bytes per image that are alive at one step of `forward_f32` or `forward_u8`.
int64_t arenaLowerBound(plan::ProgramOp program);

} // namespace archc

#endif // ARCHC_PASSES_PLAN_PLANNER_H
