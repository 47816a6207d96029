//===- CpuCode.h - The vocabulary of CPU kernels --------------------------===//

#ifndef ARCHC_PASSES_LOWERCPU_CPUCODE_H
#define ARCHC_PASSES_LOWERCPU_CPUCODE_H

#include "passes/Kernels/Code.h"
#include "passes/LowerCpu/CpuTarget.h"

namespace archc::cpu {

class Code : public kernels::Code {
public:
  Code(mlir::ModuleOp module, const CpuTarget &target, mlir::Location location)
      : kernels::Code(module, target, location), cpuTarget(target) {}

  const CpuTarget &target() const { return cpuTarget; }

private:
  const CpuTarget &cpuTarget;
};

} // namespace archc::cpu

#endif // ARCHC_PASSES_LOWERCPU_CPUCODE_H
