#include "frontend/resolve/Merge.h"
#include "frontend/schema/Schema.h"

namespace archc::spec {

static void replace(Node &into, const Node &from) {
  SourceRange before = into.range;
  into = from;
  into.inherited = before;
}

static bool statesOtherKind(const Node &inherited, const Node &from) {
  const Entry *before = inherited.find("kind");
  const Entry *now = from.find("kind");
  return before && now && before->value.text != now->value.text;
}

void mergeOver(Node &into, const Node &from) {
  if (into.type != NodeType::Table || from.type != NodeType::Table)
    return replace(into, from);
  into.range = from.range;
  for (const Entry &entry : from.entries) {
    Entry *known = into.find(entry.key);
    if (!known) {
      into.entries.push_back(entry);
      continue;
    }
    known->keyRange = entry.keyRange;
    mergeValue(known->value, entry.value, entry.key);
  }
}

void mergeValue(Node &into, const Node &from, const std::string &key) {
  if (!isComponentKey(key))
    return mergeOver(into, from);
  Node table = from.type == NodeType::String ? tableOfKind(from) : from;
  if (into.type == NodeType::String)
    into = tableOfKind(into);
  if (into.type == NodeType::Table && table.type == NodeType::Table && !statesOtherKind(into, table))
    return mergeOver(into, table);
  replace(into, from);
}

} // namespace archc::spec
