#include "runtime/reference/OpCall.h"

#include "runtime/abi/artifact_generated.h"

namespace archrt::reference {

const abi::Attribute *Attributes::find(const char *name) const {
  if (op.attributes())
    for (const abi::Attribute *attribute : *op.attributes())
      if (attribute->name()->str() == name)
        return attribute;
  return nullptr;
}

bool Attributes::read(const char *name, int64_t &value) const {
  const abi::Attribute *attribute = find(name);
  if (!attribute || attribute->kind() != abi::AttrKind::Int)
    return false;
  value = attribute->i();
  return true;
}

bool Attributes::read(const char *name, double &value) const {
  const abi::Attribute *attribute = find(name);
  if (!attribute || attribute->kind() != abi::AttrKind::Float)
    return false;
  value = attribute->f();
  return true;
}

bool Attributes::read(const char *name, Shape &value) const {
  const abi::Attribute *attribute = find(name);
  if (!attribute || attribute->kind() != abi::AttrKind::Ints)
    return false;
  value.clear();
  if (attribute->ints())
    value.assign(attribute->ints()->begin(), attribute->ints()->end());
  return true;
}

bool Attributes::read(const char *name, std::string &value) const {
  const abi::Attribute *attribute = find(name);
  if (!attribute || attribute->kind() != abi::AttrKind::String || !attribute->s())
    return false;
  value = attribute->s()->str();
  return true;
}

} // namespace archrt::reference
