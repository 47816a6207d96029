//===- RecipeOptions.h - A recipe as the runtime takes it -----------------===//

#ifndef ARCHC_TOOLS_DRIVER_RECIPEOPTIONS_H
#define ARCHC_TOOLS_DRIVER_RECIPEOPTIONS_H

#include "frontend/recipe/Recipe.h"
#include "runtime/train/TrainOptions.h"
#include "tools/driver/CompilerLibrary.h"

namespace archc::driver {

/// What the trainer reads of a recipe.
archrt::train::TrainOptions trainOptionsOf(const recipe::Recipe &recipe);

/// What the compiler does.
TrainingRequest trainingRequestOf(const recipe::Recipe &recipe);

/// Whether `--set KEY=VALUE` changes a recipe; otherwise it changes the spec.
bool setsRecipe(const std::string &assignment);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_RECIPEOPTIONS_H
