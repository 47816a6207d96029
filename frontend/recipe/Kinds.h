//===- Kinds.h - Kinds of a recipe's components ---------------------------===//

#ifndef ARCHC_FRONTEND_RECIPE_KINDS_H
#define ARCHC_FRONTEND_RECIPE_KINDS_H

#include "frontend/components/KeyRows.h"

namespace archc::recipe {

/// A kind that has keys and nothing of a model's component. `source`: paper or repository.
inline bool registerRecipeKind(spec::Slot slot, const char *name, const char *help, const char *source,
                               std::vector<spec::KeyRow> keys = {}) {
  spec::ComponentKind kind;
  kind.slot = slot;
  kind.name = name;
  kind.help = help;
  kind.source = source;
  kind.keys = std::move(keys);
  return spec::registerKind(std::move(kind));
}

} // namespace archc::recipe

#endif // ARCHC_FRONTEND_RECIPE_KINDS_H
