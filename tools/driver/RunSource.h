//===- RunSource.h - A training run where a model is expected -------------===//

#ifndef ARCHC_TOOLS_DRIVER_RUNSOURCE_H
#define ARCHC_TOOLS_DRIVER_RUNSOURCE_H

#include "runtime/core/Status.h"

#include <optional>
#include <string>

namespace archc::driver {

/// The parts of a run that make a model of it.
struct RunSource {
  std::string folder;     // of the run
  std::string spec;       // the spec as trained
  std::string checkpoint; // folder of the checkpoint
  std::string weights;    // the average where there is one, else the weights themselves
};

/// `path` as a run folder (its best checkpoint, or its newest where there is no best) or as a checkpoint in one; nothing when it is
/// neither.
archrt::Result<std::optional<RunSource>> findRun(const std::string &path);

/// What a run is besides spec and recipe: run.json.
struct RunFacts {
  std::string data, device = "cpu", target, checkpoints = "none"; // of activations
};
archrt::Status writeRunFacts(const std::string &folder, const RunFacts &facts);
archrt::Result<RunFacts> readRunFacts(const std::string &folder);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_RUNSOURCE_H
