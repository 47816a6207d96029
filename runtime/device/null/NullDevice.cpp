//===- NullDevice.cpp - Checks an artifact without running its code -------===//
//
// Loading has validated everything; a run checks its arguments and writes zeros. For tools on machines that cannot run the target,
// and for fuzzing.
//
//===----------------------------------------------------------------------===//

#include "runtime/device/Device.h"

#include <algorithm>

namespace archrt {

namespace {

class NullSession final : public DeviceSession {
public:
  explicit NullSession(int64_t outputWidth) : outputWidth(outputWidth) {}
  Status reserve(int64_t) override { return {}; }
  bool accepts(InputKind) const override { return true; }
  Status run(const DeviceRun &run) override {
    std::fill_n(run.output, run.batch * outputWidth, 0.0f);
    return {};
  }
  Status setTaps(const std::vector<uint32_t> &) override { return {}; }

private:
  int64_t outputWidth;
};

class NullModel final : public DeviceModel {
public:
  NullModel(std::shared_ptr<const Artifact> artifact, const abi::TargetPlan *plan)
      : artifact(std::move(artifact)), chosen(plan) {}

  std::string target() const override { return "null"; }
  const abi::TargetPlan *plan() const override { return chosen; }
  Status setWeights(const std::shared_ptr<const ParamStore> &, const WeightsOrigin *) override { return {}; }
  Result<std::unique_ptr<DeviceSession>> createSession() override {
    const abi::Function &forward = artifact->forward();
    const auto *shape = forward.values()->Get(forward.outputs()->Get(0))->shape();
    int64_t width = sizeOf(shape) ? shape->Get(shape->size() - 1)->constant() : 0;
    return std::unique_ptr<DeviceSession>(std::make_unique<NullSession>(width));
  }
  std::vector<uint32_t> tappable() const override { return {}; }

private:
  std::shared_ptr<const Artifact> artifact;
  const abi::TargetPlan *chosen;
};

Result<std::shared_ptr<DeviceModel>> createNull(std::shared_ptr<const Artifact> artifact, ThreadPool &,
                                                const DeviceOptions &options) {
  const abi::TargetPlan *chosen = nullptr;
  for (const abi::TargetPlan *plan : artifact->plans())
    if (!chosen && (options.target.empty() || options.target == textOf(plan->target())))
      chosen = plan;
  if (!chosen && !options.target.empty())
    return invalid("the artifact has no plan for `", options.target, "`");
  return std::shared_ptr<DeviceModel>(std::make_shared<NullModel>(std::move(artifact), chosen));
}

[[maybe_unused]] const bool registered = registerDevice("null", &createNull);

} // namespace

} // namespace archrt
