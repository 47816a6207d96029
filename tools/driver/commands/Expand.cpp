//===- Expand.cpp - archc expand ------------------------------------------===//

#include "frontend/print/Expand.h"
#include "frontend/recipe/LoadRecipe.h"
#include "tools/driver/SpecCommand.h"

#include <iostream>
#include <memory>

namespace archc::driver {

static int expandRecipe(const spec::LoadOptions &options) {
  spec::DiagnosticEngine diagnostics;
  recipe::Recipe recipe;
  if (recipe::loadRecipe(options, recipe, diagnostics)) {
    std::cout << recipe::expandedRecipe(recipe);
    return ExitOk;
  }
  diagnostics.print(std::cerr);
  return diagnostics.exitCode();
}

static int expand(const spec::LoadOptions &options) {
  if (recipe::isRecipe(options))
    return expandRecipe(options);
  spec::Architecture architecture;
  if (int code = loadOrReport(options, architecture))
    return code;
  std::cout << spec::expandedSpec(architecture);
  return ExitOk;
}

static const bool registered =
    registerCommand({"expand", "Print a spec or a recipe with inheritance, overrides and alternation worked in",
                     "archc expand caformer_s18 --set stage.3.depth=12", [](CLI::App &app) -> std::function<int()> {
                       auto options = std::make_shared<spec::LoadOptions>();
                       addSpecOptions(app, *options);
                       return [options] { return expand(*options); };
                     }});

} // namespace archc::driver
