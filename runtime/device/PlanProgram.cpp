#include "runtime/device/PlanProgram.h"

#include "runtime/graph/PlanSteps.h"

#include <algorithm>

namespace archrt {

Result<PlanProgram> PlanProgram::build(const abi::TargetPlan &plan, const abi::PlanFunction &function) {
  PlanProgram program;
  program.function = &function;
  ARCHRT_ASSIGN(std::vector<const abi::Step *> steps, flattenSteps(plan, function));
  for (const abi::Step *step : steps) {
    ProgramStep out;
    out.firstOperand = static_cast<uint32_t>(program.operands.size());
    out.extentConstant = step->axis()->extent()->constant();
    out.extentBatch = step->axis()->extent()->batch();
    out.grain = std::max<int64_t>(1, step->axis()->grain());
    out.source = step;
    for (size_t i = 0; i < sizeOf(step->operands()); ++i)
      program.operands.push_back(step->operands()->Get(i)->buffer());
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

void *addressOf(const PlanProgram &program, const abi::TargetPlan &plan, uint32_t index, const BufferBases &bases,
                int64_t batch) {
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
    if (bases.paramAddresses)
      return bases.paramAddresses[buffer.param()];
    return bases.params ? const_cast<void *>(bases.params->data(buffer.param())) : nullptr;
  case abi::Storage::Gradient:
    return bases.gradients ? bases.gradients[buffer.param()] : nullptr;
  }
  return nullptr;
}

std::vector<uint32_t> tappableValues(const PlanProgram &program) {
  std::vector<uint32_t> values;
  for (const ProgramStep &step : program.steps)
    for (size_t i = 0; i < sizeOf(step.source->taps()); ++i)
      values.push_back(step.source->taps()->Get(i));
  return values;
}

Result<std::vector<ProgramTap>> findTaps(const PlanProgram &program, const std::vector<uint32_t> &values) {
  std::vector<ProgramTap> taps;
  std::vector<char> found(values.size(), 0);
  for (size_t i = 0; i < program.steps.size(); ++i) {
    const abi::Step &step = *program.steps[i].source;
    for (size_t k = 0; k < sizeOf(step.taps()); ++k)
      for (size_t slot = 0; slot < values.size(); ++slot)
        if (!found[slot] && step.taps()->Get(k) == values[slot]) {
          taps.push_back({i, step.tap_buffers()->Get(k), slot});
          found[slot] = 1;
        }
  }
  if (taps.size() != values.size())
    return invalid("a tap is not held in memory by this plan");
  return taps;
}

std::string listTargets(const Artifact &artifact) {
  std::string text;
  for (const abi::TargetPlan *plan : artifact.plans())
    text += concat(text.empty() ? "`" : ", `", textOf(plan->target()), "`");
  return text.empty() ? "none" : text;
}

} // namespace archrt
