//===- Describe.h - An artifact as text -----------------------------------===//

#ifndef ARCHRT_GRAPH_DESCRIBE_H
#define ARCHRT_GRAPH_DESCRIBE_H

#include "runtime/graph/Artifact.h"

namespace archrt {

/// Sections with kinds, sizes and hashes.
std::string describeSections(const Artifact &artifact);

/// Functions, steps, kernels and memory of one plan; one line per step.
std::string describePlan(const Artifact &artifact, const abi::TargetPlan &plan);

/// "stages.0.blocks.1.mlp.fc1", or "" when the step has no location.
std::string_view pathOf(const Artifact &artifact, const abi::Step &step);

/// "12.3 MB".
std::string sizeText(double bytes);

} // namespace archrt

#endif // ARCHRT_GRAPH_DESCRIBE_H
