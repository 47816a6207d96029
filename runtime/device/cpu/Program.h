//===- Program.h - One plan function, ready to run ------------------------===//
//
// Everything that does not depend on batch or session is resolved once per model; a session adds addresses.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_DEVICE_CPU_PROGRAM_H
#define ARCHRT_DEVICE_CPU_PROGRAM_H

#include "runtime/abi/KernelArgs.h"
#include "runtime/core/ThreadPool.h"
#include "runtime/device/Device.h"

#include <vector>

namespace archrt {

/// The most tensors that any function takes from its caller and gives back, gradients apart.
constexpr size_t kMaxInputs = 3, kMaxOutputs = 2;

struct ProgramStep {
  archrt_kernel_fn kernel = nullptr;
  uint32_t firstOperand = 0; // into Program::operands
  uint32_t regionEnd = 0;    // of the `for images` region that begins here: one behind its last step; else 0
  int64_t extentConstant = 0, extentBatch = 0, grain = 1;
  const abi::Step *source = nullptr;
};

struct Program {
  const abi::PlanFunction *function = nullptr;
  std::vector<ProgramStep> steps;
  std::vector<uint32_t> operands;        // buffer indices of all steps, one step after the other
  size_t scratchBytes = 0;               // per worker
  std::vector<uint32_t> inputs, outputs; // buffer indices of what the caller binds

  static Result<Program> build(const abi::TargetPlan &plan, const abi::PlanFunction &function, const uint8_t *code);
  size_t arenaBytes(int64_t batch) const { return evaluate(function->arena_bytes(), batch); }
};

/// Where the buffers of a function lie for one batch.
struct BufferBases {
  uint8_t *arena = nullptr, *packed = nullptr;
  void *inputs[kMaxInputs] = {}, *outputs[kMaxOutputs] = {}; // in the function's order
  const ParamStore *params = nullptr;
  void *const *gradients = nullptr; // by parameter
};

/// Of buffer `index` of the plan.
void *addressOf(const Program &program, const abi::TargetPlan &plan, uint32_t index, const BufferBases &bases, int64_t batch);

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
