#include "runtime/device/cpu/BoundRows.h"
#include "runtime/device/cpu/CpuModel.h"
#include "runtime/device/cpu/Prepare.h"
#include "runtime/train/Steps.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace archrt::train {
namespace {

/// The plan functions `prepare_grad` and `grad` with memory of their own: weights change with every step, so nothing is shared.
class CpuStep final : public GradientStep {
public:
  CpuStep(std::shared_ptr<const Artifact> artifact, const abi::TargetPlan &plan, ThreadPool &pool)
      : artifact(std::move(artifact)), planTable(plan), pool(pool), graph(*findGraph(this->artifact->model(), "grad")),
        layout(ParamLayout::of(this->artifact->model())), places(gradientPlaces(graph, layout)) {}

  Status build();
  Status reserve(int64_t maxBatch) override;
  Status setParameters(const std::shared_ptr<const ParamStore> &params) override;
  Status run(const StepInput &input, const StepOutput &output) override;
  StepBytes bytes(int64_t batch) const override {
    return {static_cast<int64_t>(grad.arenaBytes(batch)), static_cast<int64_t>(packed.size())};
  }
  const abi::TargetPlan *plan() const override { return &planTable; }
  void setProfiling(bool on) override;
  std::vector<StepTime> stepTimes() const override { return times; }

private:
  void timedStep(size_t index);
  /// Memory of the caller's that stands for buffer `index`, or `staging` where it does not fit.
  void *boundMemory(uint32_t index, const void *memory, int64_t batch, const AlignedBuffer &staging) const;
  void bind(const StepInput &input, const StepOutput &output);
  const abi::Buffer &bufferAt(uint32_t index) const { return *planTable.buffers()->Get(index); }

  std::shared_ptr<const Artifact> artifact;
  const abi::TargetPlan &planTable;
  ThreadPool &pool;
  const abi::Function &graph;
  ParamLayout layout;
  std::vector<ParamLayout::Entry> places;
  std::unique_ptr<CodeMapping> code;
  Program prepare, grad;
  ProgramBinding gradBinding;
  AlignedBuffer packed, arena;
  AlignedBuffer inputs[kMaxInputs], outputs[kMaxOutputs], gradients; // used when the caller's memory does not fit
  std::vector<void *> gradientAddresses;                             // by parameter
  BufferBases bases;
  std::vector<StepTime> times; // parallel to the steps of `grad`
  bool hasParameters = false, profiling = false;
};

} // namespace

Status CpuStep::build() {
  ARCHRT_ASSIGN(code, CodeMapping::create(artifact, planTable));
  const abi::PlanFunction *prepareFunction = findFunction(planTable, "prepare_grad"),
                          *gradFunction = findFunction(planTable, "grad");
  if (!prepareFunction || !gradFunction)
    return invalid("the plan for `", textOf(planTable.target()), "` has no training step; compile it with `--train`");
  ARCHRT_ASSIGN(prepare, Program::build(planTable, *prepareFunction, code->base()));
  ARCHRT_ASSIGN(grad, Program::build(planTable, *gradFunction, code->base()));
  ARCHRT_TRY(gradBinding.reserve(grad, pool.threads()));
  ARCHRT_ASSIGN(packed, AlignedBuffer::allocate(planTable.grad_packed_bytes()));
  ARCHRT_ASSIGN(gradients, AlignedBuffer::allocate(layout.total * sizeof(float)));
  gradientAddresses.assign(sizeOf(artifact->model().params()), nullptr);
  return {};
}

/// Untouched pages cost nothing, so staging is there whether or not the caller comes with memory that fits.
Status CpuStep::reserve(int64_t maxBatch) {
  ARCHRT_ASSIGN(arena, AlignedBuffer::allocate(bytes(maxBatch).activations));
  for (size_t i = 0; i < grad.inputs.size(); ++i) {
    ARCHRT_ASSIGN(inputs[i], AlignedBuffer::allocate(evaluate(bufferAt(grad.inputs[i]).size(), maxBatch)));
  }
  for (size_t i = 0; i < grad.outputs.size(); ++i) {
    ARCHRT_ASSIGN(outputs[i], AlignedBuffer::allocate(evaluate(bufferAt(grad.outputs[i]).size(), maxBatch)));
  }
  return {};
}

Status CpuStep::setParameters(const std::shared_ptr<const ParamStore> &params) {
  ARCHRT_TRY(runPrepare(prepare, planTable, params.get(), packed.data(), pool));
  hasParameters = true;
  return {};
}

void *CpuStep::boundMemory(uint32_t index, const void *memory, int64_t batch, const AlignedBuffer &staging) const {
  return memory && fits(bufferAt(index), memory, batch) ? const_cast<void *>(memory) : staging.data();
}

void CpuStep::bind(const StepInput &input, const StepOutput &output) {
  bases = {};
  bases.arena = arena.data();
  bases.packed = packed.data();
  std::vector<const float *> from = gradientInputs(graph, input);
  for (size_t i = 0; i < grad.inputs.size(); ++i)
    bases.inputs[i] = boundMemory(grad.inputs[i], from[i], input.batch, inputs[i]);
  float *to[kMaxOutputs] = {output.losses, output.logits};
  for (size_t i = 0; i < grad.outputs.size(); ++i)
    bases.outputs[i] = boundMemory(grad.outputs[i], to[i], input.batch, outputs[i]);
  bool isAligned = reinterpret_cast<uintptr_t>(output.gradients) % kBufferAlignment == 0;
  float *base = isAligned ? output.gradients : gradients.as<float>();
  for (const ParamLayout::Entry &place : places)
    gradientAddresses[place.param] = base + place.offset;
  bases.gradients = gradientAddresses.data();
  gradBinding.resolve(grad, planTable, bases, input.batch);
}

void CpuStep::timedStep(size_t index) {
  auto start = std::chrono::steady_clock::now();
  runStep(grad, index, gradBinding, pool);
  times[index].add(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
}

void CpuStep::setProfiling(bool on) {
  profiling = on;
  if (!on)
    return;
  times.clear();
  for (const ProgramStep &step : grad.steps)
    times.push_back({step.source});
}

Status CpuStep::run(const StepInput &input, const StepOutput &output) {
  if (!hasParameters)
    return invalid("the step has no parameters; set them before running");
  DefaultFloatEnvironment environment;
  auto lock = pool.lock();
  bind(input, output);
  std::vector<const float *> from = gradientInputs(graph, input);
  for (size_t i = 0; i < grad.inputs.size(); ++i) {
    BoundRows rows = BoundRows::of(bufferAt(grad.inputs[i]), input.batch);
    if (!from[i])
      std::fill_n(static_cast<float *>(bases.inputs[i]), rows.count * rows.stride, 1.0f);
    else if (bases.inputs[i] != from[i])
      copyIn(rows, bases.inputs[i], from[i], pool);
  }
  for (size_t i = 0; i < grad.steps.size(); ++i)
    profiling ? timedStep(i) : runStep(grad, i, gradBinding, pool);
  float *to[kMaxOutputs] = {output.losses, output.logits};
  for (size_t i = 0; i < grad.outputs.size(); ++i)
    if (bases.outputs[i] != to[i])
      copyOut(BoundRows::of(bufferAt(grad.outputs[i]), input.batch), to[i], bases.outputs[i], pool);
  for (const ParamLayout::Entry &place : places)
    if (float *at = output.gradients + place.offset; at != gradientAddresses[place.param])
      std::copy_n(static_cast<const float *>(gradientAddresses[place.param]), place.size, at);
  clearUnwritten(layout, places, output.gradients);
  return {};
}

Result<std::unique_ptr<GradientStep>> createCpuStep(std::shared_ptr<const Artifact> artifact, ThreadPool &pool,
                                                    const std::string &target) {
  const char *forced = std::getenv("ARCHRT_TARGET"); // for tests and bisecting; an argument wins
  ARCHRT_ASSIGN(const abi::TargetPlan *plan, choosePlan(*artifact, target.empty() && forced ? forced : target, hostIsaLevel()));
  auto step = std::make_unique<CpuStep>(std::move(artifact), *plan, pool);
  ARCHRT_TRY(step->build());
  return std::unique_ptr<GradientStep>(std::move(step));
}

} // namespace archrt::train
