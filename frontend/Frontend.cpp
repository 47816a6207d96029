#include "frontend/Frontend.h"
#include "frontend/check/Check.h"
#include "frontend/cost/Costs.h"
#include "frontend/resolve/LoadTree.h"

namespace archc::spec {

bool loadArchitecture(const LoadOptions &options, Architecture &result, DiagnosticEngine &diagnostics) {
  std::optional<Node> root = loadTree(options, diagnostics);
  result.files = diagnostics.fileNames();
  if (!root)
    return false;
  std::vector<StageFacts> facts = resolveTree(*root, result, diagnostics);
  checkShapes(result, facts, diagnostics);
  if (diagnostics.hasErrors())
    return false;
  // Counting takes components at their word, so it comes after every check.
  computeCosts(result);
  checkSizes(result, diagnostics);
  return !diagnostics.hasErrors();
}

} // namespace archc::spec
