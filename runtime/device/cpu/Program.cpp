#include "runtime/device/cpu/Program.h"

#include <algorithm>

namespace archrt {

static const archrt_kernel_services kServices = {sizeof(archrt_kernel_services)};

Result<Program> Program::build(const abi::TargetPlan &plan, const abi::PlanFunction &function, const uint8_t *code) {
  Program program;
  ARCHRT_ASSIGN(static_cast<PlanProgram &>(program), PlanProgram::build(plan, function));
  for (const ProgramStep &step : program.steps) {
    uint64_t offset = plan.kernels()->Get(step.source->kernel())->offset();
    program.kernels.push_back(reinterpret_cast<archrt_kernel_fn>(reinterpret_cast<uintptr_t>(code + offset)));
    program.scratchBytes = std::max<size_t>(program.scratchBytes, step.source->scratch());
  }
  return program;
}

Status ProgramBinding::reserve(const Program &program, int threads) {
  addresses.assign(program.operands.size(), nullptr);
  // A line between two workers' parts, so that they never write the same one.
  scratchStride = (program.scratchBytes + 2 * kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
  ARCHRT_ASSIGN(scratch, AlignedBuffer::allocate(scratchStride * threads));
  return {};
}

void ProgramBinding::resolve(const Program &program, const abi::TargetPlan &plan, const BufferBases &bases, int64_t batch) {
  symbols[ARCHRT_SYMBOL_BATCH] = batch;
  for (size_t i = 0; i < addresses.size(); ++i)
    addresses[i] = addressOf(program, plan, program.operands[i], bases, batch);
}

static archrt_kernel_args argsOf(const ProgramStep &step, const ProgramBinding &binding, int worker) {
  return {binding.addresses.data() + step.firstOperand, binding.symbols,
          binding.scratch.data() + static_cast<size_t>(worker) * binding.scratchStride, &kServices};
}

void runStep(const Program &program, size_t index, const ProgramBinding &binding, ThreadPool &pool) {
  const ProgramStep &step = program.steps[index];
  archrt_kernel_fn kernel = program.kernels[index];
  pool.parallelFor(step.extent(binding.symbols[ARCHRT_SYMBOL_BATCH]), step.grain, [&](int64_t begin, int64_t end, int worker) {
    archrt_kernel_args args = argsOf(step, binding, worker);
    kernel(&args, begin, end);
  });
}

void runStepOn(const Program &program, size_t index, const ProgramBinding &binding, int worker) {
  const ProgramStep &step = program.steps[index];
  archrt_kernel_args args = argsOf(step, binding, worker);
  program.kernels[index](&args, 0, step.extent(binding.symbols[ARCHRT_SYMBOL_BATCH]));
}

void runRegion(const Program &program, size_t begin, size_t end, const ProgramBinding &binding, ThreadPool &pool) {
  int64_t batch = binding.symbols[ARCHRT_SYMBOL_BATCH];
  pool.parallelFor(batch, 1, [&](int64_t first, int64_t last, int worker) {
    for (int64_t image = first; image < last; ++image)
      for (size_t i = begin; i < end; ++i) {
        const ProgramStep &step = program.steps[i];
        archrt_kernel_args args = argsOf(step, binding, worker);
        program.kernels[i](&args, image * step.extentBatch, (image + 1) * step.extentBatch);
      }
  });
}

} // namespace archrt
