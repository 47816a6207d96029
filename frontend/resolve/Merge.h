//===- Merge.h - How a table alters an inherited one ----------------------===//

#ifndef ARCHC_FRONTEND_RESOLVE_MERGE_H
#define ARCHC_FRONTEND_RESOLVE_MERGE_H

#include "frontend/parse/Tree.h"

namespace archc::spec {

/// Merges `from` over `into`, key by key; what is not a table replaces. A component that states another `kind` replaces the
/// inherited one whole. What is replaced is remembered in Node::inherited.
void mergeOver(Node &into, const Node &from);

/// The same for the value of `key`, which may be a component (then a string is short for a table with `kind`).
void mergeValue(Node &into, const Node &from, const std::string &key);

} // namespace archc::spec

#endif // ARCHC_FRONTEND_RESOLVE_MERGE_H
