#include "runtime/device/cpu/Program.h"

#include "runtime/graph/PlanSteps.h"

#include <algorithm>

namespace archrt {

static const archrt_kernel_services kServices = {sizeof(archrt_kernel_services)};

Result<Program> Program::build(const abi::TargetPlan &plan, const abi::PlanFunction &function, const uint8_t *code) {
  Program program;
  program.function = &function;
  ARCHRT_ASSIGN(std::vector<const abi::Step *> steps, flattenSteps(plan, function));
  for (const abi::Step *step : steps) {
    ProgramStep out;
    uint64_t offset = plan.kernels()->Get(step->kernel())->offset();
    out.kernel = reinterpret_cast<archrt_kernel_fn>(reinterpret_cast<uintptr_t>(code + offset));
    out.firstOperand = static_cast<uint32_t>(program.operands.size());
    out.extentConstant = step->axis()->extent()->constant();
    out.extentBatch = step->axis()->extent()->batch();
    out.grain = std::max<int64_t>(1, step->axis()->grain());
    out.source = step;
    for (size_t i = 0; i < sizeOf(step->operands()); ++i)
      program.operands.push_back(step->operands()->Get(i)->buffer());
    program.scratchBytes = std::max<size_t>(program.scratchBytes, step->scratch());
    program.steps.push_back(out);
  }
  for (size_t begin = 0, end = 0; begin < steps.size(); begin = end) {
    while (end < steps.size() && steps[end]->region() == steps[begin]->region())
      ++end;
    if (steps[begin]->region() != 0)
      program.steps[begin].regionEnd = static_cast<uint32_t>(end);
  }
  if (function.inputs())
    program.inputs.assign(function.inputs()->begin(), function.inputs()->end());
  if (function.outputs())
    program.outputs.assign(function.outputs()->begin(), function.outputs()->end());
  return program;
}

static size_t positionOf(uint32_t buffer, const std::vector<uint32_t> &bound) {
  return std::find(bound.begin(), bound.end(), buffer) - bound.begin();
}

void *addressOf(const Program &program, const abi::TargetPlan &plan, uint32_t index, const BufferBases &bases, int64_t batch) {
  const abi::Buffer &buffer = *plan.buffers()->Get(index);
  switch (buffer.storage()) {
  case abi::Storage::Arena:
    return bases.arena + evaluate(buffer.offset(), batch);
  case abi::Storage::Packed:
    return bases.packed + evaluate(buffer.offset(), batch);
  case abi::Storage::Input:
    return bases.inputs[positionOf(index, program.inputs)];
  case abi::Storage::Output:
    return bases.outputs[positionOf(index, program.outputs)];
  case abi::Storage::Param:
    return bases.params ? const_cast<void *>(bases.params->data(buffer.param())) : nullptr;
  case abi::Storage::Gradient:
    return bases.gradients ? bases.gradients[buffer.param()] : nullptr;
  }
  return nullptr;
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
  int64_t extent = step.extentConstant + step.extentBatch * binding.symbols[ARCHRT_SYMBOL_BATCH];
  pool.parallelFor(extent, step.grain, [&](int64_t begin, int64_t end, int worker) {
    archrt_kernel_args args = argsOf(step, binding, worker);
    step.kernel(&args, begin, end);
  });
}

void runStepOn(const Program &program, size_t index, const ProgramBinding &binding, int worker) {
  const ProgramStep &step = program.steps[index];
  archrt_kernel_args args = argsOf(step, binding, worker);
  step.kernel(&args, 0, step.extentConstant + step.extentBatch * binding.symbols[ARCHRT_SYMBOL_BATCH]);
}

void runRegion(const Program &program, size_t begin, size_t end, const ProgramBinding &binding, ThreadPool &pool) {
  int64_t batch = binding.symbols[ARCHRT_SYMBOL_BATCH];
  pool.parallelFor(batch, 1, [&](int64_t first, int64_t last, int worker) {
    for (int64_t image = first; image < last; ++image)
      for (size_t i = begin; i < end; ++i) {
        const ProgramStep &step = program.steps[i];
        archrt_kernel_args args = argsOf(step, binding, worker);
        step.kernel(&args, image * step.extentBatch, (image + 1) * step.extentBatch);
      }
  });
}

} // namespace archrt
