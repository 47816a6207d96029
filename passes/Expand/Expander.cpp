//===- Expander.cpp - Registry of expanders, names and parameters ---------===//

#include "passes/Expand/Expander.h"

#include <map>

using namespace mlir;

namespace archc {

Scope Scope::inner(StringRef name) const {
  Scope scope = *this;
  scope.path += "." + name.str();
  scope.prefix += name.str() + ".";
  return scope;
}

Location Scope::getLoc() const {
  Location lines = part->getLoc();
  if (auto named = dyn_cast<NameLoc>(lines))
    lines = named.getChildLoc();
  return NameLoc::get(builder.getStringAttr(path), lines);
}

Value Scope::findParam(StringRef name) const {
  std::string relative = prefix + name.str();
  for (auto param : params.getAsRange<mf::ParamAttr>())
    if (param.getName() == relative)
      return create<mf::ParamOp>(param.getType(), path + "." + name.str());
  return {};
}

Value Scope::getParam(StringRef name) const {
  Value value = findParam(name);
  if (!value)
    emitError() << "declares no parameter `" << prefix << name << "`";
  return value;
}

Value Scope::createLinear(Value x) const {
  Value weight = getParam("weight");
  return weight ? create<mf::LinearOp>(x, weight, findParam("bias")) : Value();
}

// --- registry ----------------------------------------------------------------

using Registry = std::map<std::pair<Slot, std::string>, Expander>;

static Registry &registry() {
  static Registry instance;
  return instance;
}

bool registerExpander(Slot slot, StringRef kind, Expander expander) {
  return registry().emplace(std::make_pair(slot, kind.str()), std::move(expander)).second;
}

static StringRef nameOf(Slot slot) {
  constexpr StringLiteral names[] = {"mixer", "channel", "norm", "activation", "embed", "position", "classifier"};
  return names[static_cast<int>(slot)];
}

Value expandComponent(Slot slot, const Scope &scope, const Component &component, Value x) {
  auto found = registry().find({slot, component.kind().str()});
  if (found != registry().end())
    return found->second(scope, component, x);
  scope.emitError() << "has " << nameOf(slot) << " `" << component.kind() << "`, which no expander is registered for";
  return {};
}

} // namespace archc
