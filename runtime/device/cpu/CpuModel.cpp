#include "runtime/device/cpu/CpuModel.h"

#include "runtime/device/cpu/CpuSession.h"

#include <algorithm>
#include <cstdlib>

namespace archrt {

[[maybe_unused]] static const bool registered = registerDevice("cpu", &CpuModel::create);

static std::string listTargets(const Artifact &artifact) {
  std::string text;
  for (const abi::TargetPlan *plan : artifact.plans())
    text += concat(text.empty() ? "`" : ", `", textOf(plan->target()), "`");
  return text.empty() ? "none" : text;
}

Result<const abi::TargetPlan *> choosePlan(const Artifact &artifact, const std::string &wanted, std::optional<IsaLevel> host) {
  const abi::TargetPlan *best = nullptr;
  std::optional<IsaLevel> bestLevel;
  bool exists = false;
  for (const abi::TargetPlan *plan : artifact.plans()) {
    std::optional<IsaLevel> level = isaLevelOf(textOf(plan->target()));
    bool matches = wanted.empty() || wanted == textOf(plan->target()) || "cpu:" + wanted == textOf(plan->target());
    exists = exists || matches;
    if (matches && level && runsOn(*level, host) && (!best || *level > *bestLevel)) {
      best = plan;
      bestLevel = level;
    }
  }
  if (best)
    return best;
  std::string hostName = host ? concat("`cpu:", isaName(*host), "`") : std::string("no CPU target");
  if (!wanted.empty() && !exists)
    return invalid("the artifact has no plan for `", wanted, "`; expected one of ", listTargets(artifact));
  return unavailable("this machine runs ", hostName, "; the artifact has plans for ", listTargets(artifact),
                     "; compile it with `--target=cpu:host`");
}

Result<std::shared_ptr<DeviceModel>> CpuModel::create(std::shared_ptr<const Artifact> artifact, ThreadPool &pool,
                                                      const DeviceOptions &options) {
  const char *forced = std::getenv("ARCHRT_TARGET"); // for tests and bisecting; an option wins
  std::string wanted = options.target.empty() && forced ? forced : options.target;
  ARCHRT_ASSIGN(const abi::TargetPlan *plan, choosePlan(*artifact, wanted, hostIsaLevel()));
  std::shared_ptr<CpuModel> model(new CpuModel(std::move(artifact), *plan, pool));
  ARCHRT_TRY(model->build());
  return std::shared_ptr<DeviceModel>(std::move(model));
}

Status CpuModel::build() {
  ARCHRT_ASSIGN(code, CodeMapping::create(source, *planTable));
  auto load = [&](const char *name, std::optional<Program> &program) -> Status {
    const abi::PlanFunction *function = findFunction(*planTable, name);
    if (!function)
      return {};
    ARCHRT_ASSIGN(program, Program::build(*planTable, *function, code->base()));
    return {};
  };
  ARCHRT_TRY(load("prepare", prepareProgram));
  ARCHRT_TRY(load("forward_f32", f32Program));
  ARCHRT_TRY(load("forward_u8", u8Program));
  if (sizeOf(source->model().params()) == 0)
    return setWeights(nullptr); // nothing to wait for
  return {};
}

Status CpuModel::setWeights(const std::shared_ptr<const ParamStore> &weights) {
  auto fresh = std::make_shared<PackedWeights>();
  ARCHRT_ASSIGN(fresh->memory, AlignedBuffer::allocate(planTable->packed_bytes()));
  if (prepareProgram) {
    ARCHRT_ASSIGN(AlignedBuffer arena, AlignedBuffer::allocate(prepareProgram->arenaBytes(0)));
    BufferBases bases;
    bases.arena = arena.data();
    bases.packed = fresh->memory.data();
    bases.params = weights.get();
    ProgramBinding binding;
    ARCHRT_TRY(binding.reserve(*prepareProgram, threads.threads()));
    binding.resolve(*prepareProgram, *planTable, bases, 0);
    DefaultFloatEnvironment environment;
    ARCHRT_TRY(runPrepare(binding, weights.get()));
  }
  std::lock_guard<std::mutex> guard(weightsMutex);
  packed = std::move(fresh);
  return {};
}

/// Bytes that the parameters of a step take in staging memory.
static size_t stagedBytes(const abi::TargetPlan &plan, const abi::Step &step, const ParamStore &weights) {
  size_t bytes = 0;
  for (size_t i = 0; i < sizeOf(step.operands()); ++i) {
    const abi::Buffer &buffer = *plan.buffers()->Get(step.operands()->Get(i)->buffer());
    if (buffer.storage() == abi::Storage::Param && !weights.data(buffer.param()))
      bytes += weights.byteSize(buffer.param()) + kBufferAlignment;
  }
  return bytes;
}

/// Parameters that are still in their file pass through staging memory, those of one step at a time.
Status CpuModel::runPrepare(ProgramBinding &binding, const ParamStore *weights) {
  const Program &program = *prepareProgram;
  size_t most = 0;
  for (const ProgramStep &step : program.steps)
    most = std::max(most, weights ? stagedBytes(*planTable, *step.source, *weights) : 0);
  ARCHRT_ASSIGN(AlignedBuffer staging, AlignedBuffer::allocate(most));
  for (size_t i = 0; i < program.steps.size(); ++i) {
    const abi::Step &step = *program.steps[i].source;
    uint8_t *next = staging.data();
    for (size_t k = 0; most > 0 && k < sizeOf(step.operands()); ++k) {
      const abi::Buffer &buffer = *planTable->buffers()->Get(step.operands()->Get(k)->buffer());
      if (buffer.storage() != abi::Storage::Param || weights->data(buffer.param()))
        continue;
      ARCHRT_TRY(weights->read(buffer.param(), next));
      weights->discard(buffer.param());
      binding.addresses[program.steps[i].firstOperand + k] = next;
      next += (weights->byteSize(buffer.param()) + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
    }
    auto lock = threads.lock();
    runStep(program, i, binding, threads);
  }
  return {};
}

std::shared_ptr<const PackedWeights> CpuModel::packedWeights() const {
  std::lock_guard<std::mutex> guard(weightsMutex);
  return packed;
}

Result<std::unique_ptr<DeviceSession>> CpuModel::createSession() {
  return std::unique_ptr<DeviceSession>(std::make_unique<CpuSession>(shared_from_this()));
}

std::vector<uint32_t> CpuModel::tappable() const {
  std::vector<uint32_t> values;
  for (const ProgramStep &step : f32Program->steps)
    for (size_t i = 0; i < sizeOf(step.source->taps()); ++i)
      values.push_back(step.source->taps()->Get(i));
  return values;
}

} // namespace archrt
