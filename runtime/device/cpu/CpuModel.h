//===- CpuModel.h - An artifact's CPU plan with code and packed weights ---===//

#ifndef ARCHRT_DEVICE_CPU_CPUMODEL_H
#define ARCHRT_DEVICE_CPU_CPUMODEL_H

#include "runtime/device/cpu/CodeMapping.h"
#include "runtime/device/cpu/HostIsa.h"
#include "runtime/device/cpu/Program.h"

#include <mutex>
#include <optional>

namespace archrt {

/// What `prepare` made of one set of weights; shared by the sessions that run with it.
struct PackedWeights {
  AlignedBuffer memory; // or
  CachedWeights cached;
  /// Kernels of forward functions only read it.
  uint8_t *data() const { return cached.file ? const_cast<uint8_t *>(cached.bytes.data) : memory.data(); }
};

class CpuModel final : public DeviceModel, public std::enable_shared_from_this<CpuModel> {
public:
  static Result<std::shared_ptr<DeviceModel>> create(std::shared_ptr<const Artifact> artifact, ThreadPool &pool,
                                                     const DeviceOptions &options);

  std::string target() const override { return std::string(textOf(planTable->target())); }
  const abi::TargetPlan *plan() const override { return planTable; }
  Status setWeights(const std::shared_ptr<const ParamStore> &weights, const WeightsOrigin *origin) override;
  Result<std::unique_ptr<DeviceSession>> createSession() override;
  std::vector<uint32_t> tappable() const override;

  const Artifact &artifact() const { return *source; }
  ThreadPool &pool() const { return threads; }
  const Program &forwardF32() const { return *f32Program; }
  /// Null when the plan has no function for u8 input.
  const Program *forwardU8() const { return u8Program ? &*u8Program : nullptr; }
  /// Null until weights are set.
  std::shared_ptr<const PackedWeights> packedWeights() const;

private:
  CpuModel(std::shared_ptr<const Artifact> artifact, const abi::TargetPlan &plan, ThreadPool &pool)
      : source(std::move(artifact)), planTable(&plan), threads(pool) {}
  Status build();
  abi::Hash128 packedKey(const WeightsOrigin &origin) const;

  std::shared_ptr<const Artifact> source;
  const abi::TargetPlan *planTable;
  ThreadPool &threads;
  std::unique_ptr<CodeMapping> code;
  std::optional<Program> prepareProgram, f32Program, u8Program;
  mutable std::mutex weightsMutex;
  std::shared_ptr<const PackedWeights> packed;
};

/// The best plan of the artifact that `host` runs, or the one named `wanted`.
Result<const abi::TargetPlan *> choosePlan(const Artifact &artifact, const std::string &wanted, std::optional<IsaLevel> host);

} // namespace archrt

#endif // ARCHRT_DEVICE_CPU_CPUMODEL_H
