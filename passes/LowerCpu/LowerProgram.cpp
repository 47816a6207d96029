#include "passes/LowerCpu/LowerProgram.h"

#include "passes/Kernels/describe/DescribeKernel.h"
#include "passes/LowerCpu/BuildKernel.h"

using namespace mlir;

namespace archc::cpu {

FailureOr<OwningOpRef<ModuleOp>> lowerProgram(plan::ProgramOp program, const CpuTarget &target) {
  OwningOpRef<ModuleOp> code = ModuleOp::create(program.getLoc());
  for (auto kernel : program.getOps<plan::KernelOp>()) {
    FailureOr<KernelDescription> description = describeKernel(kernel, target);
    if (failed(description) || failed(buildKernel(*code, *description, target, kernel.getLoc())))
      return failure();
  }
  return code;
}

} // namespace archc::cpu
