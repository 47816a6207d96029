#include "passes/LowerCuda/LowerProgram.h"

#include "passes/Kernels/describe/DescribeKernel.h"

using namespace mlir;

namespace archc::cuda {

FailureOr<LoweredProgram> lowerProgram(plan::ProgramOp program, const GpuTarget &target) {
  LoweredProgram lowered{ModuleOp::create(program.getLoc()), {}};
  for (auto kernel : program.getOps<plan::KernelOp>()) {
    FailureOr<KernelDescription> description = describeKernel(kernel, target);
    const unsigned operands = kernel.getLayouts().size();
    if (failed(description) || failed(buildGpuKernel(*lowered.module, *description, operands, target, kernel.getLoc())))
      return failure();
    lowered.launches[description->name] = launchSize(*description, target);
  }
  return lowered;
}

} // namespace archc::cuda
