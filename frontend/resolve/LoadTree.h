//===- LoadTree.h - Files, their inheritance and overrides, as one tree ---===//

#ifndef ARCHC_FRONTEND_RESOLVE_LOADTREE_H
#define ARCHC_FRONTEND_RESOLVE_LOADTREE_H

#include "frontend/Frontend.h"
#include "frontend/parse/Tree.h"

namespace archc::spec {

/// The tree of a spec with every `[arch] extends`, `[[override]]` and `--set` worked in; block inheritance and `blocks` are as
/// written. Empty when a file could not be read or parsed.
std::optional<Node> loadTree(const LoadOptions &options, DiagnosticEngine &diagnostics);

/// The file that `name` means: a path (relative to `folder`), else the name of a shipped spec; `name` itself when neither exists.
std::string locateSpec(const std::string &name, const std::string &folder);

} // namespace archc::spec

#endif // ARCHC_FRONTEND_RESOLVE_LOADTREE_H
