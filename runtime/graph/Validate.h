//===- Validate.h - What an artifact's tables must fulfil -----------------===//
//
// FlatBuffers' verifier says that the tables can be read; these say that they can be run: after them no index, size or role is
// checked again.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_GRAPH_VALIDATE_H
#define ARCHRT_GRAPH_VALIDATE_H

#include "runtime/graph/Artifact.h"

namespace archrt {

/// Parameters, locations, and the op graph: single assignment, defined before use.
Status validateModel(const abi::Model &model);

/// Buffers inside their arenas for every batch up to kMaxBatch, kernels inside `codeBytes`, operands and axes of every step.
Status validatePlan(const abi::TargetPlan &plan, const abi::Model &model, size_t codeBytes);

/// constant + batch * n with both parts non-negative and far from overflow.
Status validateExtent(const abi::Extent *extent, std::string_view what);

} // namespace archrt

#endif // ARCHRT_GRAPH_VALIDATE_H
