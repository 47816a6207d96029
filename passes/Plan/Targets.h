//===- Targets.h - Targets by name ----------------------------------------===//

#ifndef ARCHC_PASSES_PLAN_TARGETS_H
#define ARCHC_PASSES_PLAN_TARGETS_H

#include "passes/Kernels/KernelTarget.h"

#include <memory>
#include <string>

namespace archc {

/// The target of a name such as "cpu:x86-64-v3"; null when there is none.
std::unique_ptr<kernels::KernelTarget> findTarget(const std::string &name);

/// What to say of a name that findTarget() does not know.
std::string unknownTarget(const std::string &name);

} // namespace archc

#endif // ARCHC_PASSES_PLAN_TARGETS_H
