//===- ReferenceDevice.cpp - The interpreter as an executor ---------------===//
//
// Runs the unsimplified op graph, so that it shares nothing with the compiled kernels but the parameters. `reference` computes in
// f64, `reference-f32` op by op in f32. Slow; every tensor of the graph can be tapped.
//
//===----------------------------------------------------------------------===//

#include "runtime/device/Device.h"
#include "runtime/reference/Interpreter.h"

#include <map>
#include <mutex>
#include <optional>

namespace archrt {

namespace {

template <typename T> class ReferenceModel;

template <typename T> class ReferenceSession final : public DeviceSession {
public:
  explicit ReferenceSession(std::shared_ptr<ReferenceModel<T>> model) : model(std::move(model)) {}
  Status reserve(int64_t) override { return {}; }
  bool accepts(InputKind kind) const override { return kind == InputKind::F32; }
  Status run(const DeviceRun &run) override;
  Status setTaps(const std::vector<uint32_t> &values) override {
    taps = values;
    return {};
  }

private:
  Status bindWeights();

  std::shared_ptr<ReferenceModel<T>> model;
  std::shared_ptr<const ParamStore> bound;
  std::optional<reference::Interpreter<T>> interpreter;
  std::vector<uint32_t> taps;
};

template <typename T> class ReferenceModel final : public DeviceModel, public std::enable_shared_from_this<ReferenceModel<T>> {
public:
  ReferenceModel(std::shared_ptr<const Artifact> artifact, std::string name)
      : source(std::move(artifact)), name(std::move(name)) {}

  std::string target() const override { return name; }
  Status setWeights(const std::shared_ptr<const ParamStore> &weights, const WeightsOrigin *) override {
    ARCHRT_ASSIGN(std::shared_ptr<ParamStore> kept, weights->materialize());
    std::lock_guard<std::mutex> guard(mutex);
    params = std::move(kept);
    return {};
  }
  Result<std::unique_ptr<DeviceSession>> createSession() override {
    return std::unique_ptr<DeviceSession>(std::make_unique<ReferenceSession<T>>(this->shared_from_this()));
  }
  std::vector<uint32_t> tappable() const override {
    std::vector<uint32_t> values;
    for (size_t i = 0; i < sizeOf(source->forward().values()); ++i)
      values.push_back(static_cast<uint32_t>(i));
    return values;
  }

  const Artifact &artifact() const { return *source; }
  std::shared_ptr<const ParamStore> weights() const {
    std::lock_guard<std::mutex> guard(mutex);
    return params;
  }

private:
  std::shared_ptr<const Artifact> source;
  std::string name;
  mutable std::mutex mutex;
  std::shared_ptr<const ParamStore> params;
};

template <typename T> Status ReferenceSession<T>::bindWeights() {
  const Artifact &artifact = model->artifact();
  std::shared_ptr<const ParamStore> weights = model->weights();
  if (!interpreter) {
    ARCHRT_ASSIGN(interpreter, reference::Interpreter<T>::create(artifact.forward()));
    bound = nullptr;
  }
  std::vector<std::string> names = interpreter->parameterNames();
  if (!weights)
    return names.empty() ? Status() : invalid("the model has no weights; set them before running");
  if (weights == bound)
    return {};
  std::map<std::string_view, size_t> index;
  const auto *params = artifact.model().params();
  for (size_t i = 0; i < sizeOf(params); ++i)
    index[textOf(params->Get(i)->name())] = i;
  for (const std::string &name : names) {
    const abi::Param &param = *params->Get(index.at(name)); // the model's validator looked every name up
    reference::Shape shape;
    for (size_t d = 0; d < sizeOf(param.shape()); ++d)
      shape.push_back(param.shape()->Get(d));
    ARCHRT_TRY(interpreter->bindParameter(name, shape, static_cast<const float *>(weights->data(index.at(name)))));
  }
  bound = weights;
  return {};
}

/// The interpreter takes a tensor's batch from its operands, so a graph may compute another than the caller has room for.
template <typename T> Status copyOut(const reference::Tensor<T> &tensor, int64_t batch, float *out) {
  if (tensor.rank() == 0 || tensor.shape[0] != batch)
    return invalid("the graph gives a tensor of shape ", reference::toString(tensor.shape), " for ", batch, " images");
  for (const T &value : tensor.data)
    *out++ = static_cast<float>(value);
  return {};
}

template <typename T> Status ReferenceSession<T>::run(const DeviceRun &run) {
  ARCHRT_TRY(bindWeights());
  ARCHRT_TRY(interpreter->setInput(static_cast<const float *>(run.input), run.batch));
  uint32_t output = model->artifact().forward().outputs()->Get(0);
  std::vector<uint32_t> wanted = taps;
  wanted.push_back(output);
  ARCHRT_TRY(interpreter->evaluate(wanted));
  ARCHRT_TRY(copyOut(*interpreter->value(output), run.batch, run.output));
  for (size_t i = 0; i < taps.size(); ++i)
    ARCHRT_TRY(copyOut(*interpreter->value(taps[i]), run.batch, run.taps[i]));
  return {};
}

template <typename T>
Result<std::shared_ptr<DeviceModel>> createReference(std::shared_ptr<const Artifact> artifact, ThreadPool &,
                                                     const DeviceOptions &) {
  const char *name = sizeof(T) == sizeof(double) ? "reference" : "reference-f32";
  return std::shared_ptr<DeviceModel>(std::make_shared<ReferenceModel<T>>(std::move(artifact), name));
}

[[maybe_unused]] const bool registered =
    registerDevice("reference", &createReference<double>) && registerDevice("reference-f32", &createReference<float>);

} // namespace

} // namespace archrt
