//===- LoadTree.h - Files, their inheritance and overrides, as one tree ---===//

#ifndef ARCHC_FRONTEND_RESOLVE_LOADTREE_H
#define ARCHC_FRONTEND_RESOLVE_LOADTREE_H

#include "frontend/Frontend.h"
#include "frontend/parse/Tree.h"
#include "frontend/schema/Schema.h"

namespace archc::spec {

/// The tree of a spec (or, with `[run]` instead of `[arch]`, of a recipe) with every `[arch] extends`, `[[override]]` and `--set` worked in; block inheritance and `blocks` are as
/// written. Empty when a file could not be read or parsed.
std::optional<Node> loadTree(const LoadOptions &options, DiagnosticEngine &diagnostics, Language language = Language::Spec);

/// The file that `name` means: a path (relative to `folder`), else the name of a shipped file of `language`; `name` itself when neither
/// exists.
std::string locateSpec(const std::string &name, const std::string &folder, Language language = Language::Spec);

} // namespace archc::spec

#endif // ARCHC_FRONTEND_RESOLVE_LOADTREE_H
