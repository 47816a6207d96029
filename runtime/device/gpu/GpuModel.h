//===- GpuModel.h - An artifact's GPU plan with code and weights on a device ===//

#ifndef ARCHRT_DEVICE_GPU_GPUMODEL_H
#define ARCHRT_DEVICE_GPU_GPUMODEL_H

#include "runtime/device/gpu/DriverMemory.h"
#include "runtime/device/gpu/GpuProgram.h"

#include <optional>

namespace archrt::gpu {

/// A plan in one of the forms that its code comes in.
struct PlanChoice {
  const abi::TargetPlan *plan = nullptr;
  CodeForm form = CodeForm::Ptx;
};

/// What suits `driver` best, of the plan named `wanted` ("cuda:sm_80" or "sm_80") if that is not empty. `hint` ends the error when
/// nothing does.
Result<PlanChoice> choosePlan(const Artifact &artifact, const std::string &wanted, const Driver &driver, std::string_view hint);

class GpuModel final : public DeviceModel, public std::enable_shared_from_this<GpuModel> {
public:
  static Result<std::shared_ptr<DeviceModel>> create(std::shared_ptr<const Artifact> artifact, ThreadPool &pool,
                                                     std::unique_ptr<Driver> driver, const PlanChoice &choice);
  ~GpuModel() override;

  /// "cuda:sm_80 on emu".
  std::string target() const override { return concat(textOf(planTable->target()), " on ", (*shared)->name()); }
  const abi::TargetPlan *plan() const override { return planTable; }
  /// Weights are prepared on the device each time: `origin` is of no use.
  Status setWeights(const std::shared_ptr<const ParamStore> &weights, const WeightsOrigin *origin) override;
  Result<std::unique_ptr<DeviceSession>> createSession() override;
  std::vector<uint32_t> tappable() const override { return tappableValues(*f32Program); }

  ThreadPool &pool() const { return threads; }
  const std::shared_ptr<SharedDriver> &driver() const { return shared; }
  const GpuProgram &forwardF32() const { return *f32Program; }
  /// Null when the plan has no function for u8 input.
  const GpuProgram *forwardU8() const { return u8Program ? &*u8Program : nullptr; }
  /// Null until weights are set.
  std::shared_ptr<const DeviceBuffer> packedWeights() const;

private:
  GpuModel(std::shared_ptr<const Artifact> artifact, ThreadPool &pool, std::unique_ptr<Driver> driver, const PlanChoice &choice)
      : source(std::move(artifact)), planTable(choice.plan), form(choice.form), threads(pool),
        shared(std::make_shared<SharedDriver>(std::move(driver))) {}
  Status build();

  std::shared_ptr<const Artifact> source;
  const abi::TargetPlan *planTable;
  CodeForm form;
  ThreadPool &threads;
  std::shared_ptr<SharedDriver> shared;
  std::unique_ptr<Module> module;
  std::optional<GpuProgram> prepareProgram, f32Program, u8Program;
  mutable std::mutex weightsMutex;
  std::shared_ptr<const DeviceBuffer> packed;
};

} // namespace archrt::gpu

#endif // ARCHRT_DEVICE_GPU_GPUMODEL_H
