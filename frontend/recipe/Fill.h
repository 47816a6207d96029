//===- Fill.h - From tables of values to the structs of a recipe ----------===//

#ifndef ARCHC_FRONTEND_RECIPE_FILL_H
#define ARCHC_FRONTEND_RECIPE_FILL_H

#include "frontend/diagnostics/DiagnosticEngine.h"
#include "frontend/recipe/Recipe.h"

namespace archc::recipe {

using Tables = std::vector<std::pair<std::string, spec::Component>>;

/// What only several values together show to be wrong. All tables of recipes must be there.
void checkTables(const Tables &tables, spec::DiagnosticEngine &diagnostics);

/// Fills the structs from `recipe.tables`, which are right.
void fillRecipe(Recipe &recipe);

/// "the table `path`".
const spec::Component &tableOf(const Tables &tables, const std::string &path);

} // namespace archc::recipe

#endif // ARCHC_FRONTEND_RECIPE_FILL_H
