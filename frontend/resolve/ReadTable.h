//===- ReadTable.h - Tables read by their rows of the schema --------------===//
//
// Turns nodes into values: unknown keys, wrong types, ranges and choices are found here and nowhere else.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_FRONTEND_RESOLVE_READTABLE_H
#define ARCHC_FRONTEND_RESOLVE_READTABLE_H

#include "frontend/parse/Tree.h"
#include "frontend/schema/Schema.h"

namespace archc::spec {

/// How a table is spoken of in messages: "`[[stage]]`", "`sep_conv`".
struct TableName {
  std::string text;
  SourceRange range;                  // where a missing key is reported
  std::optional<SourceRange> stated;  // the place that chose the rows (a `kind`), noted when it is elsewhere
  std::vector<std::string> alsoKnown; // keys that the caller reads itself
};

class TableReader {
public:
  explicit TableReader(DiagnosticEngine &diagnostics) : diagnostics(diagnostics) {}

  /// The values of `table` by `rows`, in the rows' order, defaults filled in. A key whose value is wrong is reported and left out,
  /// and so is one that is required and absent; `ok` is then false. Rows of type Table, Blocks and Positions are left out, too:
  /// their owners read them.
  Component read(const Node &table, const std::vector<KeyRow> &rows, const TableName &name, bool &ok);

  /// A component of `slot`: a table with `kind`, or a string. Empty, and reported, when anything in it is wrong. The caller has
  /// taken the keys `alsoKnown` out; they are only named in messages.
  std::optional<Component> readComponent(Slot slot, const Node &node, const std::vector<std::string> &alsoKnown = {});

  /// One value by its row; empty, and reported, when it does not fit.
  std::optional<Value> readValue(const Node &node, const KeyRow &row);

  /// False, and reported, unless `node` is of `type`.
  bool expect(const Node &node, NodeType type, const std::string &key);

  /// Says that `name` is not one of `known` and which of them it may have meant.
  void unknownKey(const Entry &entry, const std::vector<std::string> &known, const TableName &name);

private:
  Diagnostic &complain(Code code, const Node &node, const std::string &message);
  std::optional<Value> readNumber(const Node &node, const KeyRow &row);
  std::optional<Value> readPair(const Node &node, const KeyRow &row);
  std::optional<Value> readWord(const Node &node, const KeyRow &row);
  std::optional<Value> readList(const Node &node, const KeyRow &row);
  std::optional<Value> wrongType(const Node &node, const KeyRow &row);

  DiagnosticEngine &diagnostics;
};

} // namespace archc::spec

#endif // ARCHC_FRONTEND_RESOLVE_READTABLE_H
