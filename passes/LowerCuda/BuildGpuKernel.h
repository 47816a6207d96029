//===- BuildGpuKernel.h - Kernel descriptions to GPU kernels --------------===//

#ifndef ARCHC_PASSES_LOWERCUDA_BUILDGPUKERNEL_H
#define ARCHC_PASSES_LOWERCUDA_BUILDGPUKERNEL_H

#include "passes/Kernels/KernelDescription.h"
#include "passes/LowerCuda/GpuTarget.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Location.h"

namespace archc::cuda {

/// Rows of a GEMM tile, and the most rows that a thread block takes unless lines are longer.
constexpr int64_t kTileRows = 64;
/// Queries of one head that a thread block takes.
constexpr int64_t kQueries = 32;

/// How a kernel is launched: as abi::Launch.
struct LaunchSize {
  int64_t threads = kThreads;
  int64_t block = 1;  // iterations per thread block
  int64_t shared = 0; // bytes
};

/// An error message when there is no GPU kernel for this description, else empty.
std::string checkGpuKernel(const KernelDescription &kernel, const GpuTarget &target);

LaunchSize launchSize(const KernelDescription &kernel, const GpuTarget &target);

/// Iterations of kernels that count elements of their result.
std::optional<int64_t> resultIterations(const KernelDescription &kernel, const GpuTarget &target);

/// Adds a public function `kernel.name` of `operands` pointers, the batch and the extent to `module`. Fails, with an error at
/// `location`, on a description that has no GPU kernel.
mlir::LogicalResult buildGpuKernel(mlir::ModuleOp module, const KernelDescription &kernel, unsigned operands,
                                   const GpuTarget &target, mlir::Location location);

} // namespace archc::cuda

#endif // ARCHC_PASSES_LOWERCUDA_BUILDGPUKERNEL_H
