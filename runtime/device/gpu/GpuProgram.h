//===- GpuProgram.h - One plan function, ready to launch ------------------===//

#ifndef ARCHRT_DEVICE_GPU_GPUPROGRAM_H
#define ARCHRT_DEVICE_GPU_GPUPROGRAM_H

#include "runtime/device/PlanProgram.h"
#include "runtime/device/gpu/Driver.h"

namespace archrt::gpu {

/// A plan function with the entries of its kernels, and what names them in errors.
struct GpuProgram : PlanProgram {
  std::vector<Function *> entries; // parallel to `steps`
  const abi::TargetPlan *plan = nullptr;
  const abi::Model *model = nullptr;

  static Result<GpuProgram> build(const Artifact &artifact, const abi::TargetPlan &plan, const abi::PlanFunction &function,
                                  Module &module);

  const abi::Kernel &kernelOf(size_t index) const { return *plan->kernels()->Get(steps[index].source->kernel()); }
  /// "kernel `k3` of `stages.0.blocks.1.mlp` (archs/caformer/s18.toml:12)".
  std::string nameOf(size_t index) const;
  /// Whether so many images can be launched at once.
  Status checkBatch(int64_t batch) const;
};

/// The launches of a program for one batch.
struct GpuBinding {
  std::vector<LaunchShape> shapes;                  // parallel to the steps
  std::vector<std::vector<LaunchOperand>> operands; // likewise

  /// Makes room, so that resolving allocates nothing.
  void reserve(const GpuProgram &program);
  void resolve(const GpuProgram &program, const BufferBases &bases, int64_t batch);
};

/// An axis of no iterations launches nothing.
Status launchStep(Driver &driver, const GpuProgram &program, size_t index, const GpuBinding &binding);

} // namespace archrt::gpu

#endif // ARCHRT_DEVICE_GPU_GPUPROGRAM_H
