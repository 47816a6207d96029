#include "frontend/parse/Tree.h"

#include <algorithm>

namespace archc::spec {

const Entry *Node::find(const std::string &key) const {
  for (const Entry &entry : entries)
    if (entry.key == key)
      return &entry;
  return nullptr;
}

Entry *Node::find(const std::string &key) { return const_cast<Entry *>(static_cast<const Node *>(this)->find(key)); }

void Node::erase(const std::string &key) {
  entries.erase(std::remove_if(entries.begin(), entries.end(), [&](const Entry &entry) { return entry.key == key; }),
                entries.end());
}

std::string describe(NodeType type) {
  switch (type) {
  case NodeType::Table:
    return "a table";
  case NodeType::Array:
    return "an array";
  case NodeType::String:
    return "a string";
  case NodeType::Int:
    return "an integer";
  case NodeType::Float:
    return "a float";
  case NodeType::Bool:
    return "a boolean";
  case NodeType::DateTime:
    return "a date or time";
  }
  return "";
}

Node tableOfKind(const Node &text) {
  Node table;
  table.range = text.range;
  table.inherited = text.inherited;
  table.entries.push_back({"kind", text.range, text});
  return table;
}

} // namespace archc::spec
