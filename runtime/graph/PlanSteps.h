//===- PlanSteps.h - The steps of a plan function, calls resolved ---------===//

#ifndef ARCHRT_GRAPH_PLANSTEPS_H
#define ARCHRT_GRAPH_PLANSTEPS_H

#include "runtime/graph/Artifact.h"

#include <vector>

namespace archrt {

/// Steps with a kernel, in the order they run; a step that calls a function is replaced by that function's steps. Calls bind
/// nothing: the called steps name their buffers themselves. Fails on recursion and on more than a
/// million steps or sixteen million operands, so that what follows takes moments.
Result<std::vector<const abi::Step *>> flattenSteps(const abi::TargetPlan &plan, const abi::PlanFunction &function);

} // namespace archrt

#endif // ARCHRT_GRAPH_PLANSTEPS_H
