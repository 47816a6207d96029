//===- ExpandRecipe.cpp - A resolved recipe as a plain file ---------------===//

#include "frontend/print/TomlText.h"
#include "frontend/recipe/LoadRecipe.h"

namespace archc::recipe {

std::string expandedRecipe(const Recipe &recipe) {
  std::string text;
  for (const auto &[path, values] : recipe.tables) {
    text += (text.empty() ? "[" : "\n[") + path + "]\n";
    if (values.kind != "none")
      text += "kind = " + spec::quote(values.kind) + "\n";
    for (const auto &[key, value] : values.keys)
      text += key + " = " + spec::valueText(value) + "\n";
  }
  return text;
}

} // namespace archc::recipe
