//===- PlanMemory.h - What a plan needs for activations -------------------===//

#ifndef ARCHC_TOOLS_DRIVER_PLANMEMORY_H
#define ARCHC_TOOLS_DRIVER_PLANMEMORY_H

#include "runtime/graph/Artifact.h"

#include <string>

namespace archc::driver {

/// Bytes of one image's activations: the planned arena, and the most that is alive at one step in the order of the steps.
struct ActivationMemory {
  int64_t planned = 0, lowerBound = 0;
};

/// Over all functions but `prepare`, which share the arena.
ActivationMemory activationMemory(const archrt::abi::TargetPlan &plan);

/// "activations of one image: 5.6 MB planned, 5.2 MB needed by the order of steps (7.1 % more than needed)".
std::string memoryText(const archrt::abi::TargetPlan &plan);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_PLANMEMORY_H
