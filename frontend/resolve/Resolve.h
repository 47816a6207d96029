//===- Resolve.h - A merged tree to an architecture -----------------------===//

#ifndef ARCHC_FRONTEND_RESOLVE_RESOLVE_H
#define ARCHC_FRONTEND_RESOLVE_RESOLVE_H

#include "frontend/model/Architecture.h"
#include "frontend/parse/Tree.h"

namespace archc::spec {

/// What the checker of shapes needs to know beside the architecture.
struct StageFacts {
  bool complete = false; // dim and embed could be read
  SourceRange dim;
};

/// Fills `result` from the tree: keys checked by the schema, block inheritance and alternation resolved, defaults filled in.
/// Shapes and costs are not known yet. What is wrong is reported and left out, so that the rest can still be checked.
/// One entry of the answer per stage.
std::vector<StageFacts> resolveTree(const Node &root, Architecture &result, DiagnosticEngine &diagnostics);

} // namespace archc::spec

#endif // ARCHC_FRONTEND_RESOLVE_RESOLVE_H
