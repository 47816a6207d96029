#include "frontend/resolve/ReadTable.h"

#include <cmath>
#include <set>

namespace archc::spec {

static Value valueOf(decltype(Value::data) data, const Node &node) { return {std::move(data), node.range}; }

/// As a message shows it: long strings are cut, so that a line stays a line.
static std::string show(const Node &node) {
  char buffer[32];
  switch (node.type) {
  case NodeType::Int:
    return "`" + std::to_string(node.integer) + "`";
  case NodeType::Float:
    std::snprintf(buffer, sizeof(buffer), "`%.12g`", node.number);
    return buffer;
  case NodeType::String:
    return "`" + (node.text.size() > 60 ? node.text.substr(0, 57) + "..." : node.text) + "`";
  default:
    return describe(node.type);
  }
}

Diagnostic &TableReader::complain(Code code, const Node &node, const std::string &message) {
  Diagnostic &problem = diagnostics.error(code, node.range, message);
  if (node.inherited && node.inherited->line)
    problem.note(*node.inherited, "it stands instead of this inherited value");
  return problem;
}

bool TableReader::expect(const Node &node, NodeType type, const std::string &key) {
  if (node.type == type)
    return true;
  complain(Code::WrongType, node, "`" + key + "` is " + describe(node.type) + "; expected " + describe(type));
  return false;
}

std::optional<Value> TableReader::wrongType(const Node &node, const KeyRow &row) {
  complain(Code::WrongType, node, "`" + row.name + "` is " + describe(node.type) + "; expected " + describeType(row));
  return std::nullopt;
}

static bool inRange(double value, const KeyRow &row) { return value >= row.min && value <= row.max; }

std::optional<Value> TableReader::readNumber(const Node &node, const KeyRow &row) {
  bool isInt = node.type == NodeType::Int;
  if (!isInt && (node.type != NodeType::Float || row.type == ValueType::Int))
    return wrongType(node, row);
  double number = isInt ? static_cast<double>(node.integer) : node.number;
  if (!std::isfinite(number) || !inRange(number, row)) {
    complain(Code::OutOfRange, node, "`" + row.name + "` is " + show(node) + "; expected " + describeType(row));
    return std::nullopt;
  }
  if (row.type == ValueType::Int)
    return valueOf(node.integer, node);
  return valueOf(number, node);
}

std::optional<Value> TableReader::readPair(const Node &node, const KeyRow &row) {
  KeyRow side = row;
  side.type = ValueType::Int;
  if (node.type == NodeType::Int) {
    std::optional<Value> both = readNumber(node, side);
    return both ? std::optional(valueOf(std::vector<int64_t>(2, node.integer), node)) : std::nullopt;
  }
  if (node.type != NodeType::Array)
    return wrongType(node, row);
  if (node.items.size() != 2) {
    complain(Code::WrongType, node,
             "`" + row.name + "` has " + std::to_string(node.items.size()) +
                 " values; expected `[height, width]` or one integer for both");
    return std::nullopt;
  }
  std::optional<Value> height = readNumber(node.items[0], side), width = readNumber(node.items[1], side);
  if (!height || !width)
    return std::nullopt;
  return valueOf(std::vector<int64_t>{node.items[0].integer, node.items[1].integer}, node);
}

std::optional<Value> TableReader::readWord(const Node &node, const KeyRow &row) {
  if (node.type != NodeType::String)
    return wrongType(node, row);
  bool known = row.choices.empty();
  for (const std::string &choice : row.choices)
    known |= choice == node.text;
  if (known)
    return valueOf(node.text, node);
  Diagnostic &problem =
      complain(Code::UnknownChoice, node, "`" + row.name + "` is " + show(node) + "; expected " + listOf(row.choices));
  if (std::string near = nearest(node.text, row.choices); !near.empty())
    problem.withHint("did you mean `" + near + "`?");
  return std::nullopt;
}

/// The row that one item of a list follows.
static KeyRow itemRow(const KeyRow &row) {
  KeyRow item = row;
  item.type = row.type == ValueType::StringList ? ValueType::String
              : row.type == ValueType::IntList  ? ValueType::Int
                                                : ValueType::Float;
  return item;
}

std::optional<Value> TableReader::readList(const Node &node, const KeyRow &row) {
  if (node.type != NodeType::Array)
    return wrongType(node, row);
  if (row.length && node.items.size() != row.length) {
    complain(Code::WrongType, node,
             "`" + row.name + "` has " + std::to_string(node.items.size()) + " values; expected " + describeType(row));
    return std::nullopt;
  }
  KeyRow item = itemRow(row);
  std::vector<std::string> words;
  std::vector<int64_t> integers;
  std::vector<double> numbers;
  bool ok = true;
  for (const Node &element : node.items) {
    std::optional<Value> value = readValue(element, item);
    ok &= value.has_value();
    if (!value)
      continue;
    if (item.type == ValueType::String)
      words.push_back(element.text);
    else if (item.type == ValueType::Int)
      integers.push_back(element.integer);
    else
      numbers.push_back(std::get<double>(value->data));
  }
  if (!ok)
    return std::nullopt;
  if (item.type == ValueType::String)
    return valueOf(std::move(words), node);
  if (item.type == ValueType::Int)
    return valueOf(std::move(integers), node);
  return valueOf(std::move(numbers), node);
}

std::optional<Value> TableReader::readValue(const Node &node, const KeyRow &row) {
  switch (row.type) {
  case ValueType::Bool:
    return node.type == NodeType::Bool ? std::optional(valueOf(node.boolean, node)) : wrongType(node, row);
  case ValueType::Int:
  case ValueType::Float:
    return readNumber(node, row);
  case ValueType::String:
    return readWord(node, row);
  case ValueType::Pair:
    return readPair(node, row);
  case ValueType::FloatList:
  case ValueType::IntList:
  case ValueType::StringList:
    return readList(node, row);
  case ValueType::Component:
    if (std::optional<Component> component = readComponent(row.slot, node))
      return valueOf(ComponentPtr(std::make_shared<const Component>(std::move(*component))), node);
    return std::nullopt;
  default:
    return std::nullopt;
  }
}

void TableReader::unknownKey(const Entry &entry, const std::vector<std::string> &known, const TableName &name) {
  std::string message = "unknown key `" + entry.key + "` in " + name.text + "; expected ";
  Diagnostic &problem = diagnostics.error(Code::UnknownKey, entry.keyRange, message + (known.empty() ? "no key" : listOf(known)));
  if (std::string near = nearest(entry.key, known); !near.empty())
    problem.withHint("did you mean `" + near + "`?");
  bool elsewhere =
      name.stated && name.stated->line && (name.stated->file != entry.keyRange.file || name.stated->line != entry.keyRange.line);
  if (elsewhere)
    problem.note(*name.stated, name.text + " is stated here");
}

/// A default as it stands in the resolved component: nested components with their own defaults, one number for a pair spelled out.
static Value defaultOf(const KeyRow &row) {
  Value value = *row.defaultValue;
  if (row.type == ValueType::Component)
    value.data = std::make_shared<const Component>(withDefaults(row.slot, *std::get<ComponentPtr>(value.data)));
  return value;
}

Component TableReader::read(const Node &table, const std::vector<KeyRow> &rows, const TableName &name, bool &ok) {
  std::vector<std::string> known;
  for (const KeyRow &row : rows)
    known.push_back(row.name);
  known.insert(known.end(), name.alsoKnown.begin(), name.alsoKnown.end());
  for (const Entry &entry : table.entries)
    if (!findRow(rows, entry.key) && entry.key != "kind") {
      unknownKey(entry, known, name);
      ok = false;
    }
  Component values;
  values.source = table.range;
  for (const KeyRow &row : rows) {
    const Entry *entry = table.find(row.name);
    bool readByOwner = row.type == ValueType::Table || row.type == ValueType::Blocks || row.type == ValueType::Positions;
    if (readByOwner) {
      ok &= !entry || row.type != ValueType::Table || expect(entry->value, NodeType::Table, row.name);
    } else if (entry) {
      std::optional<Value> value = readValue(entry->value, row);
      ok &= value.has_value();
      if (value)
        values.keys.emplace_back(row.name, std::move(*value));
    } else if (row.defaultValue) {
      values.keys.emplace_back(row.name, defaultOf(row));
    } else if (!row.optional) {
      diagnostics.error(Code::MissingKey, name.range, name.text + " has no `" + row.name + "`; expected " + describeType(row));
      ok = false;
    }
  }
  return values;
}

std::optional<Component> TableReader::readComponent(Slot slot, const Node &node, const std::vector<std::string> &alsoKnown) {
  std::vector<std::string> kinds;
  for (const ComponentKind *kind : kindsOf(slot))
    kinds.push_back(kind->name);
  if (node.type != NodeType::Table && node.type != NodeType::String) {
    complain(Code::WrongType, node,
             "`" + slotName(slot) + "` is " + describe(node.type) + "; expected a table with `kind`, or " + listOf(kinds));
    return std::nullopt;
  }
  Node table = node.type == NodeType::String ? tableOfKind(node) : node;
  const Entry *stated = table.find("kind");
  if (!stated) {
    diagnostics.error(Code::MissingKind, table.range, "`" + slotName(slot) + "` has no `kind`; expected " + listOf(kinds));
    return std::nullopt;
  }
  if (!expect(stated->value, NodeType::String, "kind"))
    return std::nullopt;
  const ComponentKind *kind = findKind(slot, stated->value.text);
  if (!kind) {
    Diagnostic &problem = complain(Code::UnknownKind, stated->value,
                                   "unknown " + slotName(slot) + " " + show(stated->value) + "; expected " + listOf(kinds));
    if (std::string near = nearest(stated->value.text, kinds); !near.empty())
      problem.withHint("did you mean `" + near + "`?");
    return std::nullopt;
  }
  bool ok = true;
  Component component = read(table, kind->keys, {"`" + kind->name + "`", table.range, stated->value.range, alsoKnown}, ok);
  component.kind = kind->name;
  return ok ? std::optional(std::move(component)) : std::nullopt;
}

} // namespace archc::spec
