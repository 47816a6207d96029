//===- PlanProgram.h - One plan function, laid flat -----------------------===//
//
// What executors of plans share, whatever runs the kernels: the steps in order, which buffers they take, and where buffers lie.
// Everything that does not depend on batch or session is resolved once per model; a session adds addresses.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_DEVICE_PLANPROGRAM_H
#define ARCHRT_DEVICE_PLANPROGRAM_H

#include "runtime/device/Device.h"

#include <vector>

namespace archrt {

/// The most tensors that any function takes from its caller and gives back, gradients apart.
constexpr size_t kMaxInputs = 4, kMaxOutputs = 2;

struct ProgramStep {
  uint32_t firstOperand = 0; // into PlanProgram::operands
  uint32_t regionEnd = 0;    // of the `for images` region that begins here: one behind its last step; else 0
  int64_t extentConstant = 0, extentBatch = 0, grain = 1;
  const abi::Step *source = nullptr;

  int64_t extent(int64_t batch) const { return extentConstant + extentBatch * batch; }
};

struct PlanProgram {
  const abi::PlanFunction *function = nullptr;
  std::vector<ProgramStep> steps;
  std::vector<uint32_t> operands;        // buffer indices of all steps, one step after the other
  std::vector<uint32_t> inputs, outputs; // buffer indices of what the caller binds

  static Result<PlanProgram> build(const abi::TargetPlan &plan, const abi::PlanFunction &function);
  size_t arenaBytes(int64_t batch) const { return evaluate(function->arena_bytes(), batch); }
};

/// Where the buffers of a function lie for one batch: in memory of the host or, never followed, of a device.
struct BufferBases {
  uint8_t *arena = nullptr, *packed = nullptr;
  void *inputs[kMaxInputs] = {}, *outputs[kMaxOutputs] = {}; // in the function's order
  const ParamStore *params = nullptr;
  void *const *paramAddresses = nullptr; // by parameter, instead of `params`
  void *const *gradients = nullptr;      // by parameter
};

/// Of buffer `index` of the plan.
void *addressOf(const PlanProgram &program, const abi::TargetPlan &plan, uint32_t index, const BufferBases &bases, int64_t batch);

/// A graph value that a step leaves in a buffer.
struct ProgramTap {
  size_t step = 0;
  uint32_t buffer = 0;
  size_t slot = 0; // into the values asked for
};

/// Every graph value that some step leaves in memory.
std::vector<uint32_t> tappableValues(const PlanProgram &program);

/// Where `values` are first found, in the order of steps. Fails when one is never in memory.
Result<std::vector<ProgramTap>> findTaps(const PlanProgram &program, const std::vector<uint32_t> &values);

/// "`cpu:x86-64-v3`, `cuda:sm_80`"; "none".
std::string listTargets(const Artifact &artifact);

} // namespace archrt

#endif // ARCHRT_DEVICE_PLANPROGRAM_H
