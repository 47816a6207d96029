//===- ComponentKind.cpp - The registry of kinds --------------------------===//

#include "frontend/components/ComponentKind.h"

#include <cassert>
#include <map>

namespace archc::spec {

using KindKey = std::pair<Slot, std::string>;

/// Built on first use, so that the order in which files initialise does not matter; a map, so that neither does what is listed.
static std::map<KindKey, ComponentKind> &registry() {
  static std::map<KindKey, ComponentKind> kinds;
  return kinds;
}

bool registerKind(ComponentKind kind) {
  KindKey key(kind.slot, kind.name);
  bool inserted = registry().emplace(std::move(key), std::move(kind)).second;
  assert(inserted && "a kind is registered once per slot");
  return inserted;
}

const ComponentKind *findKind(Slot slot, const std::string &name) {
  auto found = registry().find({slot, name});
  return found == registry().end() ? nullptr : &found->second;
}

std::vector<const ComponentKind *> kindsOf(Slot slot) {
  std::vector<const ComponentKind *> kinds;
  for (const auto &[key, kind] : registry())
    if (key.first == slot)
      kinds.push_back(&kind);
  return kinds;
}

static const ComponentKind &kindOf(Slot slot, const Component &component) {
  const ComponentKind *kind = findKind(slot, component.kind);
  assert(kind && "the parser rejects unknown kinds");
  return *kind;
}

Component withDefaults(Slot slot, const Component &component) {
  Component filled;
  filled.kind = component.kind;
  filled.source = component.source;
  for (const KeyRow &row : kindOf(slot, component).keys) {
    const Value *given = component.find(row.name);
    if (!given && !row.defaultValue)
      continue;
    Value value = given ? *given : *row.defaultValue;
    if (row.type == ValueType::Component)
      value.data = std::make_shared<const Component>(withDefaults(row.slot, *std::get<ComponentPtr>(value.data)));
    filled.keys.emplace_back(row.name, std::move(value));
  }
  return filled;
}

std::vector<ParamDecl> paramsOf(Slot slot, const Component &component, const Shape &shape) {
  const ComponentKind &kind = kindOf(slot, component);
  return kind.params ? kind.params(component, shape) : std::vector<ParamDecl>();
}

Cost costOf(Slot slot, const Component &component, const Shape &shape) {
  const ComponentKind &kind = kindOf(slot, component);
  return kind.cost ? kind.cost(component, shape) : Cost();
}

Shape outputShapeOf(Slot slot, const Component &component, const Shape &shape) {
  const ComponentKind &kind = kindOf(slot, component);
  return kind.outputShape ? kind.outputShape(component, shape) : shape;
}

std::vector<Problem> problemsOf(Slot slot, const Component &component, const Shape &shape) {
  const ComponentKind &kind = kindOf(slot, component);
  return kind.check ? kind.check(component, shape) : std::vector<Problem>();
}

} // namespace archc::spec
