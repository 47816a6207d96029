//===- StepText.h - What a step of the plan is, in a user's words ---------===//

#ifndef ARCHC_TOOLS_DRIVER_STEPTEXT_H
#define ARCHC_TOOLS_DRIVER_STEPTEXT_H

#include "runtime/graph/Artifact.h"

#include <string>
#include <vector>

namespace archc::driver {

/// The location of that index, or null.
const archrt::abi::Location *locationOf(const archrt::Artifact &artifact, uint32_t index);

/// The name paths of the graph ops whose work the step does.
std::vector<std::string> pathsOf(const archrt::Artifact &artifact, const archrt::abi::Step &step);

/// "stem: conv norm; stages.0.blocks.0: norm1 token_mixer.pwconv1".
std::string shortened(const std::vector<std::string> &paths);

/// The spec lines of all ops of a step, each once: "archs/caformer/s18.toml:12:11".
std::vector<std::string> specLinesOf(const archrt::Artifact &artifact, const archrt::abi::Step &step);

/// "  [s18.toml:12:11, ...]", or "" when nothing is known.
std::string specLinesText(const archrt::Artifact &artifact, const archrt::abi::Step &step);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_STEPTEXT_H
