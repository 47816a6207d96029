//===- ModelSource.h - What commands that run a model share ---------------===//
//
// Where an artifact is expected a spec is accepted too: it is compiled on the way.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_TOOLS_DRIVER_MODELSOURCE_H
#define ARCHC_TOOLS_DRIVER_MODELSOURCE_H

#include "runtime/api/Session.h"
#include "tools/driver/Command.h"

namespace archc::driver {

struct ModelOptions {
  std::string source; // a path of an artifact or a spec, or the name of a shipped spec
  std::vector<std::string> sets;
  std::string target, device = "cpu", weights, names = "auto", cacheDir;
  std::string driverLibrary; // instead of the system's behind the device
  uint64_t emulatorSeed = 0, emulatorFault = 0;
  int threads = 0;
  bool partial = false;
  bool train = false; // a spec is compiled with the training step
};

/// The positional ARTIFACT and `--set`, `--target`.
void addArtifactOptions(CLI::App &app, ModelOptions &options);
/// Also device, threads, weights and their cache.
void addModelOptions(CLI::App &app, ModelOptions &options);

/// An error with an empty message has been printed already.
archrt::Result<std::shared_ptr<const archrt::Artifact>> openArtifact(const ModelOptions &options);
archrt::Result<std::shared_ptr<archrt::Model>> openModel(const ModelOptions &options);

/// The plans of an artifact that `--target` names: one, or all when it was not given or was what a spec was compiled for.
archrt::Result<std::vector<const archrt::abi::TargetPlan *>> selectPlans(const archrt::Artifact &artifact,
                                                                         const ModelOptions &options);

/// Sets the weights of `--weights`; says on stderr what was cast, reshaped, missing or unused.
archrt::Status loadWeights(archrt::Model &model, const ModelOptions &options);

/// Prints the error; returns the exit code.
int report(const archrt::Status &status);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_MODELSOURCE_H
