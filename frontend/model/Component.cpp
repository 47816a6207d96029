#include "frontend/model/Component.h"

#include <cassert>

namespace archc::spec {

const Value *Component::find(const std::string &key) const {
  for (const auto &entry : keys)
    if (entry.first == key)
      return &entry.second;
  return nullptr;
}

/// The value of a key that the resolver guarantees.
static const Value &require(const Component &component, const std::string &key) {
  const Value *value = component.find(key);
  assert(value && "the resolver fills in every key of the schema");
  return *value;
}

int64_t Component::getInt(const std::string &key) const { return std::get<int64_t>(require(*this, key).data); }

double Component::getFloat(const std::string &key) const { return std::get<double>(require(*this, key).data); }

bool Component::getBool(const std::string &key) const { return std::get<bool>(require(*this, key).data); }

const std::string &Component::getString(const std::string &key) const {
  return std::get<std::string>(require(*this, key).data);
}

const Component &Component::getComponent(const std::string &key) const {
  return *std::get<ComponentPtr>(require(*this, key).data);
}

} // namespace archc::spec
