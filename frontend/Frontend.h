//===- Frontend.h - From a spec file to a resolved architecture -----------===//
//
// The one door into the frontend: commands and the importer need nothing else of parse/, resolve/ and check/.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_FRONTEND_FRONTEND_H
#define ARCHC_FRONTEND_FRONTEND_H

#include "frontend/diagnostics/DiagnosticEngine.h"
#include "frontend/model/Architecture.h"

#include <optional>
#include <string>
#include <vector>

namespace archc::spec {

struct LoadOptions {
  /// A path, or the name of a shipped spec ("caformer_s18").
  std::string spec;
  /// "stage.3.depth=9": applied after every other override, in order.
  std::vector<std::string> sets;
  /// Read instead of the file's own content; relative `extends` still start at the folder of `spec`.
  std::optional<std::string> text;
};

/// Parses, resolves and checks a spec and fills in parameters and costs. False when anything was wrong; every problem found is
/// then in `diagnostics`, and `result` is not to be used. Use one engine per spec: `result.files` are the engine's files.
/// Budgets are not looked at: a model over budget is still a model.
[[nodiscard]] bool loadArchitecture(const LoadOptions &options, Architecture &result, DiagnosticEngine &diagnostics);

/// Reports what of `[budget]` the counts do not meet: params, macs, activations. Other limits need the compiler.
bool checkBudget(const Architecture &architecture, DiagnosticEngine &diagnostics);

/// A shipped spec: `name` is what its `[arch] name` says by convention, `<family>_<size>` for `archs/<family>/<size>.toml`.
struct ShippedSpec {
  std::string name, path;
};

/// Sorted by name; empty when no folder of specs is found (ARCHC_ARCHS_DIR, else beside the program: ../../archs, ../share/archc/archs).
std::vector<ShippedSpec> shippedSpecs();

/// Likewise the recipes: `archs/recipes/<name>.toml`.
std::vector<ShippedSpec> shippedRecipes();

} // namespace archc::spec

#endif // ARCHC_FRONTEND_FRONTEND_H
