#include "runtime/device/cpu/CpuModel.h"

#include "runtime/device/cpu/CpuSession.h"
#include "runtime/device/cpu/Prepare.h"

#include <algorithm>
#include <cstdlib>

namespace archrt {

[[maybe_unused]] static const bool registered = registerDevice("cpu", &CpuModel::create);

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
    return setWeights(nullptr, nullptr); // nothing to wait for
  return {};
}

/// Everything that decides the packed bytes: plan and code, the parameters' initial values, the weights.
abi::Hash128 CpuModel::packedKey(const WeightsOrigin &origin) const {
  std::vector<abi::Hash128> parts = {origin.identity, source->sections()[planTable->code_section()].hash};
  const auto *table = reinterpret_cast<const uint8_t *>(planTable);
  for (const Section &section : source->sections())
    if (section.kind == abi::SectionKind::Model ||
        (section.bytes.data <= table && table < section.bytes.data + section.bytes.size))
      parts.push_back(section.hash);
  return hash128({parts.data(), parts.size() * sizeof(abi::Hash128)});
}

Status CpuModel::setWeights(const std::shared_ptr<const ParamStore> &weights, const WeightsOrigin *origin) {
  auto fresh = std::make_shared<PackedWeights>();
  if (planTable->packed_bytes() == 0 || !prepareProgram)
    origin = nullptr; // nothing to keep
  abi::Hash128 key;
  if (origin) {
    key = packedKey(*origin);
    fresh->cached = origin->cache.load(key, planTable->packed_bytes());
  }
  if (!fresh->cached.file) {
    ARCHRT_ASSIGN(fresh->memory, AlignedBuffer::allocate(planTable->packed_bytes()));
    if (prepareProgram)
      ARCHRT_TRY(runPrepare(*prepareProgram, *planTable, weights.get(), fresh->memory.data(), threads));
    if (origin)
      origin->cache.store(key, fresh->memory.bytes());
  }
  std::lock_guard<std::mutex> guard(weightsMutex);
  packed = std::move(fresh);
  return {};
}

std::shared_ptr<const PackedWeights> CpuModel::packedWeights() const {
  std::lock_guard<std::mutex> guard(weightsMutex);
  return packed;
}

Result<std::unique_ptr<DeviceSession>> CpuModel::createSession() {
  return std::unique_ptr<DeviceSession>(std::make_unique<CpuSession>(shared_from_this()));
}

std::vector<uint32_t> CpuModel::tappable() const { return tappableValues(*f32Program); }

} // namespace archrt
