//===- Tree.h - A TOML document as a located tree -------------------------===//
//
// What the parser hands on: every key and value with its place, so that merging keeps which line won. Nothing behind
// parse/ sees the TOML library.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_FRONTEND_PARSE_TREE_H
#define ARCHC_FRONTEND_PARSE_TREE_H

#include "frontend/diagnostics/DiagnosticEngine.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace archc::spec {

enum class NodeType { Table, Array, String, Int, Float, Bool, DateTime };

struct Entry;

struct Node {
  NodeType type = NodeType::Table;
  SourceRange range;
  std::vector<Entry> entries; // Table: in the order of the file
  std::vector<Node> items;    // Array
  std::string text;           // String
  int64_t integer = 0;
  double number = 0;
  bool boolean = false;
  /// The place of the value that this one replaced when it was merged over an inherited one.
  std::optional<SourceRange> inherited;

  const Entry *find(const std::string &key) const;
  Entry *find(const std::string &key);
  void erase(const std::string &key);
};

struct Entry {
  std::string key;
  SourceRange keyRange;
  Node value;
};

/// "a string", "an integer" ...
std::string describe(NodeType type);

/// A string that stands where a component may stand, spelled out: a table with that `kind`.
Node tableOfKind(const Node &text);

} // namespace archc::spec

#endif // ARCHC_FRONTEND_PARSE_TREE_H
