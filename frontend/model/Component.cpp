//===- Component.cpp - Reading the keys of a component --------------------===//

#include "frontend/model/Component.h"

#include <cassert>

namespace archc::spec {

const Value *Component::find(const std::string &key) const {
  for (const auto &[name, value] : keys)
    if (name == key)
      return &value;
  return nullptr;
}

template <typename T> static const T &get(const Component &component, const std::string &key) {
  const Value *value = component.find(key);
  assert(value && "the resolver fills in every key of the schema");
  assert(std::holds_alternative<T>(value->data) && "the parser checks the type of every key");
  return std::get<T>(value->data);
}

int64_t Component::getInt(const std::string &key) const { return get<int64_t>(*this, key); }
double Component::getFloat(const std::string &key) const { return get<double>(*this, key); }
bool Component::getBool(const std::string &key) const { return get<bool>(*this, key); }
const std::string &Component::getString(const std::string &key) const { return get<std::string>(*this, key); }

const std::vector<int64_t> &Component::getPair(const std::string &key) const { return get<std::vector<int64_t>>(*this, key); }

const Component &Component::getComponent(const std::string &key) const { return *get<ComponentPtr>(*this, key); }

} // namespace archc::spec
