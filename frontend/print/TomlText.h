//===- TomlText.h - Values as TOML ----------------------------------------===//

#ifndef ARCHC_FRONTEND_PRINT_TOMLTEXT_H
#define ARCHC_FRONTEND_PRINT_TOMLTEXT_H

#include "frontend/model/Component.h"

#include <string>
#include <vector>

namespace archc::spec {

/// A basic string with its quotes.
std::string quote(const std::string &text);

/// Bare where TOML allows it.
std::string keyText(const std::string &key);

std::string valueText(const Value &value);

/// A string when the kind has no keys, else an inline table.
std::string componentText(const Component &component);

/// `[a, b]`, each item as `show` says.
template <typename T, typename Show> static std::string arrayText(const std::vector<T> &items, Show show) {
  std::string text = "[";
  for (const T &item : items)
    text += (text.size() > 1 ? ", " : "") + show(item);
  return text + "]";
}

} // namespace archc::spec

#endif // ARCHC_FRONTEND_PRINT_TOMLTEXT_H
