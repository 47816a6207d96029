#include "runtime/device/gpu/GpuModel.h"

#include "runtime/device/gpu/GpuPrepare.h"
#include "runtime/device/gpu/GpuSession.h"

namespace archrt::gpu {

static const char *nameOf(CodeForm form) {
  return form == CodeForm::Ptx ? "PTX" : form == CodeForm::Cubin ? "a cubin" : "code for the emulator";
}

static CodeForm formOf(abi::GpuCodeKind kind) {
  return kind == abi::GpuCodeKind::Ptx ? CodeForm::Ptx : kind == abi::GpuCodeKind::Cubin ? CodeForm::Cubin : CodeForm::Emulation;
}

static abi::GpuCodeKind kindOf(CodeForm form) {
  return form == CodeForm::Ptx     ? abi::GpuCodeKind::Ptx
         : form == CodeForm::Cubin ? abi::GpuCodeKind::Cubin
                                   : abi::GpuCodeKind::Emulation;
}

Result<PlanChoice> choosePlan(const Artifact &artifact, const std::string &wanted, const Driver &driver, std::string_view hint) {
  PlanChoice best;
  int bestScore = 0;
  bool exists = false;
  std::string there;
  for (const abi::TargetPlan *plan : artifact.plans()) {
    std::string target(textOf(plan->target()));
    if (!wanted.empty() && wanted != target && "cuda:" + wanted != target)
      continue;
    exists = true;
    there += concat(there.empty() ? "`" : ", `", target, "`");
    for (size_t i = 0; i < sizeOf(plan->gpu_code()); ++i) {
      CodeForm form = formOf(plan->gpu_code()->Get(i)->kind());
      there += concat(i ? " and " : " as ", nameOf(form));
      if (int score = driver.suitability(target, form); score > bestScore) {
        bestScore = score;
        best = {plan, form};
      }
    }
  }
  if (best.plan)
    return best;
  if (!wanted.empty() && !exists)
    return invalid("the artifact has no plan for `", wanted, "`; expected one of ", listTargets(artifact));
  return unavailable("`", driver.name(), "` runs none of what the artifact has: ", there.empty() ? "nothing" : there, "; ", hint);
}

Result<std::shared_ptr<DeviceModel>> GpuModel::create(std::shared_ptr<const Artifact> artifact, ThreadPool &pool,
                                                      std::unique_ptr<Driver> driver, const PlanChoice &choice) {
  std::shared_ptr<GpuModel> model(new GpuModel(std::move(artifact), pool, std::move(driver), choice));
  ARCHRT_TRY(model->build());
  return std::shared_ptr<DeviceModel>(std::move(model));
}

GpuModel::~GpuModel() {
  auto lock = shared->lock();
  packed.reset();
  module.reset();
}

Status GpuModel::build() {
  auto lock = shared->lock();
  auto loaded = (*shared)->loadModule(source->gpuCode(*planTable, kindOf(form)));
  if (!loaded.ok())
    return Status(loaded.status()).in(concat("loading ", nameOf(form), " of `", textOf(planTable->target()), "`"));
  module = loaded.take();
  auto load = [&](const char *name, std::optional<GpuProgram> &program) -> Status {
    const abi::PlanFunction *function = findFunction(*planTable, name);
    if (!function)
      return {};
    ARCHRT_ASSIGN(program, GpuProgram::build(*source, *planTable, *function, *module));
    return {};
  };
  ARCHRT_TRY(load("prepare", prepareProgram));
  ARCHRT_TRY(load("forward_f32", f32Program));
  ARCHRT_TRY(load("forward_u8", u8Program));
  if (sizeOf(source->model().params()) == 0)
    return setWeights(nullptr, nullptr); // nothing to wait for
  return {};
}

Status GpuModel::setWeights(const std::shared_ptr<const ParamStore> &weights, const WeightsOrigin *) {
  auto fresh = std::make_shared<DeviceBuffer>();
  ARCHRT_ASSIGN(*fresh, DeviceBuffer::allocate(shared, planTable->packed_bytes()));
  if (prepareProgram)
    ARCHRT_TRY(prepareOnDevice(shared, *prepareProgram, weights.get(), *fresh));
  std::shared_ptr<const DeviceBuffer> old = std::move(fresh); // freed behind the lock: that takes the driver's
  std::lock_guard<std::mutex> guard(weightsMutex);
  packed.swap(old);
  return {};
}

std::shared_ptr<const DeviceBuffer> GpuModel::packedWeights() const {
  std::lock_guard<std::mutex> guard(weightsMutex);
  return packed;
}

Result<std::unique_ptr<DeviceSession>> GpuModel::createSession() {
  return std::unique_ptr<DeviceSession>(std::make_unique<GpuSession>(shared_from_this()));
}

} // namespace archrt::gpu
