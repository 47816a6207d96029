#include "runtime/reference/OpDefinition.h"

#include <map>

namespace archrt::reference {

static std::map<std::string, OpDefinition> &registry() {
  static std::map<std::string, OpDefinition> definitions;
  return definitions;
}

bool registerDefinition(const std::string &name, OpDefinition definition) { return registry().emplace(name, definition).second; }

const OpDefinition *findDefinition(const std::string &name) {
  auto found = registry().find(name);
  return found == registry().end() ? nullptr : &found->second;
}

std::vector<std::string> definedOps() {
  std::vector<std::string> names;
  for (const auto &entry : registry())
    names.push_back(entry.first);
  return names;
}

} // namespace archrt::reference
