#include "runtime/api/Model.h"

namespace archrt {

Result<std::shared_ptr<Runtime>> Runtime::create(int threads, Log log) {
  auto runtime = std::make_shared<Runtime>();
  ARCHRT_ASSIGN(runtime->threadPool, ThreadPool::create(threads));
  runtime->sink = std::move(log);
  return runtime;
}

Result<std::shared_ptr<Model>> Model::load(std::shared_ptr<Runtime> runtime, std::shared_ptr<const Artifact> artifact,
                                           const ModelOptions &options) {
  auto model = std::make_shared<Model>();
  ARCHRT_ASSIGN(NamedDevice device, findDevice(options.device));
  DeviceOptions wanted = {options.target, device.number, options.driverLibrary, options.emulatorSeed, options.emulatorFault};
  ARCHRT_ASSIGN(model->deviceModel, device.factory(artifact, runtime->pool(), wanted));
  model->owner = std::move(runtime);
  model->source = std::move(artifact);
  if (!options.cacheDir.empty()) {
    const Runtime &owner = *model->owner;
    model->cache = std::make_unique<PackedCache>(options.cacheDir, model->owner->pool(),
                                                 [&owner](const std::string &message) { owner.log(message); });
  }
  if (ByteView weights = model->source->weights(); !weights.empty()) {
    auto file = SafetensorsFile::parse(weights);
    if (!file.ok())
      return Status(file.status()).in("the artifact's weights");
    ImportReport report;
    ARCHRT_TRY(model->setWeights(*file, {}, report).in("the artifact's weights"));
  }
  return model;
}

Status Model::setWeights(const SafetensorsFile &file, const ImportOptions &options, ImportReport &report) {
  ARCHRT_ASSIGN(std::shared_ptr<ParamStore> params, importWeights(file, source->model(), options, report));
  if (!cache)
    return deviceModel->setWeights(params, nullptr);
  // The same file under another mapping of names may give other parameters.
  abi::Hash128 parts[] = {cache->contentOf(file), hash128(ByteView(report.mapping))};
  WeightsOrigin origin{*cache, hash128({parts, sizeof(parts)})};
  return deviceModel->setWeights(params, &origin);
}

int64_t Model::outputWidth() const {
  const abi::Function &forward = source->forward();
  const auto *shape = forward.values()->Get(forward.outputs()->Get(0))->shape();
  return sizeOf(shape) ? shape->Get(shape->size() - 1)->constant() : 0;
}

int64_t Model::inputElements() const {
  const abi::InputInfo &input = *source->model().input();
  return int64_t(input.channels()) * input.height() * input.width();
}

} // namespace archrt
