//===- LowerProgram.h - The kernels of a program as GPU code --------------===//

#ifndef ARCHC_PASSES_LOWERCUDA_LOWERPROGRAM_H
#define ARCHC_PASSES_LOWERCUDA_LOWERPROGRAM_H

#include "dialect/plan/Plan.h"
#include "passes/LowerCuda/BuildGpuKernel.h"

#include "mlir/IR/OwningOpRef.h"

#include <map>

namespace archc::cuda {

struct LoweredProgram {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::map<std::string, LaunchSize> launches; // by kernel
};

/// A module with one public function per kernel of `program`.
mlir::FailureOr<LoweredProgram> lowerProgram(plan::ProgramOp program, const GpuTarget &target);

} // namespace archc::cuda

#endif // ARCHC_PASSES_LOWERCUDA_LOWERPROGRAM_H
