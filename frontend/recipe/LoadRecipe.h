//===- LoadRecipe.h - From a recipe file to a resolved recipe -------------===//

#ifndef ARCHC_FRONTEND_RECIPE_LOADRECIPE_H
#define ARCHC_FRONTEND_RECIPE_LOADRECIPE_H

#include "frontend/Frontend.h"
#include "frontend/recipe/Recipe.h"

#include <string>

namespace archc::recipe {

/// Parses, resolves and checks a recipe. `options.spec` is a path or the name of a shipped recipe ("fashion_mnist"). False when
/// anything was wrong; every problem found is then in `diagnostics`, and `result` is not to be used. One engine per recipe.
[[nodiscard]] bool loadRecipe(const spec::LoadOptions &options, Recipe &result, spec::DiagnosticEngine &diagnostics);

/// The recipe as one plain file, every key written out; reading it gives the same recipe.
std::string expandedRecipe(const Recipe &recipe);

/// Whether the file that `options.spec` names is a recipe: it has tables of recipes and none of specs. False when it cannot be read.
bool isRecipe(const spec::LoadOptions &options);

} // namespace archc::recipe

#endif // ARCHC_FRONTEND_RECIPE_LOADRECIPE_H
