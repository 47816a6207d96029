//===- Model.h - The runtime's objects as C++ sees them -------------------===//
//
// Runtime, Model and Session are what the C ABI hands out as handles. The tools of this project use them directly.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_API_MODEL_H
#define ARCHRT_API_MODEL_H

#include "runtime/device/Device.h"
#include "runtime/weights/ImportWeights.h"

#include <functional>
#include <memory>
#include <string>

namespace archrt {

/// Threads shared by all models and sessions created from it.
class Runtime {
public:
  using Log = std::function<void(const std::string &message)>;

  /// `threads` = 0: all CPUs available to the process.
  static Result<std::shared_ptr<Runtime>> create(int threads, Log log = {});
  ThreadPool &pool() { return *threadPool; }
  void log(const std::string &message) const {
    if (sink)
      sink(message);
  }

private:
  std::unique_ptr<ThreadPool> threadPool;
  Log sink;
};

struct ModelOptions {
  std::string device = "cpu";
  std::string target;             // force one plan of the artifact
  std::string cacheDir = {};      // a folder for packed weights; "": they are packed each time
  std::string driverLibrary = {}; // as in DeviceOptions
  uint64_t emulatorSeed = 0;      // likewise
  uint64_t emulatorFault = 0;     // likewise
};

/// An artifact on a device. Safe to use from several threads.
class Model {
public:
  /// Weights inside the artifact are set at once.
  static Result<std::shared_ptr<Model>> load(std::shared_ptr<Runtime> runtime, std::shared_ptr<const Artifact> artifact,
                                             const ModelOptions &options);

  Status setWeights(const SafetensorsFile &file, const ImportOptions &options, ImportReport &report);
  Status setWeights(const std::shared_ptr<const ParamStore> &params) { return deviceModel->setWeights(params, nullptr); }

  const Artifact &artifact() const { return *source; }
  DeviceModel &device() const { return *deviceModel; }
  Runtime &runtime() const { return *owner; }

  /// Elements of one image's output: classes, or features when there are none.
  int64_t outputWidth() const;
  /// Elements of one image's input.
  int64_t inputElements() const;

private:
  std::shared_ptr<Runtime> owner;
  std::shared_ptr<const Artifact> source;
  std::shared_ptr<DeviceModel> deviceModel;
  std::unique_ptr<PackedCache> cache;
};

} // namespace archrt

#endif // ARCHRT_API_MODEL_H
