//===- BuildKernel.h - Kernel descriptions to MLIR functions --------------===//

#ifndef ARCHC_PASSES_LOWERCPU_BUILDKERNEL_H
#define ARCHC_PASSES_LOWERCPU_BUILDKERNEL_H

#include "passes/Kernels/KernelDescription.h"
#include "passes/LowerCpu/CpuTarget.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Location.h"

#include <optional>

namespace archc::cpu {

/// Bytes of scratch a worker needs for one call (64-byte aligned).
int64_t scratchBytes(const KernelDescription &kernel, const CpuTarget &target);

/// Iterations of a kernel whose axis is its result; nothing for those that count rows, lines, images, or are one iteration.
std::optional<int64_t> resultIterations(const KernelDescription &kernel, const CpuTarget &target);

/// Adds a public function `kernel.name` to `module`, and the internal functions it needs, which kernels of one module share. Fails,
/// with an error at `location`, on a description that no generated code could honour.
mlir::LogicalResult buildKernel(mlir::ModuleOp module, const KernelDescription &kernel, const CpuTarget &target,
                                mlir::Location location);

} // namespace archc::cpu

#endif // ARCHC_PASSES_LOWERCPU_BUILDKERNEL_H
