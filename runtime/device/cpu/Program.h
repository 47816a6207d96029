//===- Program.h - One plan function, ready to run on the CPU -------------===//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_DEVICE_CPU_PROGRAM_H
#define ARCHRT_DEVICE_CPU_PROGRAM_H

#include "runtime/abi/KernelArgs.h"
#include "runtime/core/ThreadPool.h"
#include "runtime/device/PlanProgram.h"

namespace archrt {

/// A plan function with the addresses of its kernels.
struct Program : PlanProgram {
  std::vector<archrt_kernel_fn> kernels; // parallel to `steps`
  size_t scratchBytes = 0;               // per worker

  static Result<Program> build(const abi::TargetPlan &plan, const abi::PlanFunction &function, const uint8_t *code);
};

/// The addresses of a program's operands, and what its steps share.
struct ProgramBinding {
  std::vector<void *> addresses; // parallel to Program::operands
  AlignedBuffer scratch;
  size_t scratchStride = 0;
  int64_t symbols[ARCHRT_SYMBOL_COUNT] = {};

  Status reserve(const Program &program, int threads);
  void resolve(const Program &program, const abi::TargetPlan &plan, const BufferBases &bases, int64_t batch);
};

/// Runs step `index` over its whole axis.
void runStep(const Program &program, size_t index, const ProgramBinding &binding, ThreadPool &pool);

/// The same on the calling thread, which is worker number `worker`.
void runStepOn(const Program &program, size_t index, const ProgramBinding &binding, int worker);

/// Runs steps [begin, end), one region, image by image.
void runRegion(const Program &program, size_t begin, size_t end, const ProgramBinding &binding, ThreadPool &pool);

} // namespace archrt

#endif // ARCHRT_DEVICE_CPU_PROGRAM_H
