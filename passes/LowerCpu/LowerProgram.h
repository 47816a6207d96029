//===- LowerProgram.h - All kernels of a program to machine code ----------===//

#ifndef ARCHC_PASSES_LOWERCPU_LOWERPROGRAM_H
#define ARCHC_PASSES_LOWERCPU_LOWERPROGRAM_H

#include "dialect/plan/Plan.h"
#include "passes/LowerCpu/CpuTarget.h"

#include "mlir/IR/BuiltinOps.h"

namespace archc::cpu {

/// A module with one function per kernel of `program`, in scf, arith, vector and llvm ops.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> lowerProgram(plan::ProgramOp program, const CpuTarget &target);

} // namespace archc::cpu

#endif // ARCHC_PASSES_LOWERCPU_LOWERPROGRAM_H
