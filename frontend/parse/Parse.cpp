//===- Parse.cpp - The only file that knows toml++ ------------------------===//
//
// toml++ is header-only and costs seconds of compile time, hence one translation unit.
//
//===----------------------------------------------------------------------===//

#define TOML_ENABLE_FORMATTERS 0
#include "frontend/parse/Parse.h"

#include <algorithm>
#include <toml++/toml.h>

namespace archc::spec {

static SourceRange rangeOf(const toml::source_region &region, uint32_t file) {
  return {file, region.begin.line, region.begin.column, region.end.line, region.end.column};
}

static Node convert(const toml::node &node, uint32_t file);

static void convertTable(const toml::table &table, Node &result, uint32_t file) {
  for (const auto &[key, value] : table)
    result.entries.push_back({std::string(key.str()), rangeOf(key.source(), file), convert(value, file)});
  // toml++ sorts by name; the file's order is the one that a reader expects errors and output in.
  std::stable_sort(result.entries.begin(), result.entries.end(), [](const Entry &a, const Entry &b) {
    return std::tie(a.keyRange.line, a.keyRange.column) < std::tie(b.keyRange.line, b.keyRange.column);
  });
}

static Node convert(const toml::node &node, uint32_t file) {
  Node result;
  result.range = rangeOf(node.source(), file);
  if (const toml::table *table = node.as_table()) {
    convertTable(*table, result, file);
  } else if (const toml::array *array = node.as_array()) {
    result.type = NodeType::Array;
    for (const toml::node &item : *array)
      result.items.push_back(convert(item, file));
  } else if (auto text = node.as_string()) {
    result.type = NodeType::String;
    result.text = text->get();
  } else if (auto integer = node.as_integer()) {
    result.type = NodeType::Int;
    result.integer = integer->get();
  } else if (auto number = node.as_floating_point()) {
    result.type = NodeType::Float;
    result.number = number->get();
  } else if (auto boolean = node.as_boolean()) {
    result.type = NodeType::Bool;
    result.boolean = boolean->get();
  } else {
    result.type = NodeType::DateTime;
  }
  return result;
}

// --- Errors --------------------------------------------------------------------

/// Where `name` ("block.conv") was defined before line `before`: its header or its assignment. Only for a note, so the text
/// is good enough.
static SourceRange earlierDefinition(const std::string &text, const std::string &name, SourceRange before) {
  std::string last = name.substr(name.rfind('.') + 1);
  SourceRange found{before.file, 0, 0, 0, 0};
  uint32_t line = 1;
  for (size_t begin = 0; begin < text.size() && line < before.line; ++line) {
    size_t end = std::min(text.find('\n', begin), text.size());
    size_t first = std::min(text.find_first_not_of(" \t", begin), end);
    std::string content = text.substr(first, end - first);
    bool isHeader = content.rfind("[" + name + "]", 0) == 0 || content.rfind("[[" + name + "]]", 0) == 0;
    size_t afterKey = content.find_first_not_of(" \t", last.size());
    bool isAssignment = content.rfind(last, 0) == 0 && afterKey != std::string::npos && content[afterKey] == '=';
    if (isHeader || isAssignment) {
      uint32_t column = static_cast<uint32_t>(first - begin + 1);
      uint32_t width = static_cast<uint32_t>(isHeader ? content.find(']') + 1 : last.size());
      found = {before.file, line, column, line, column + width};
    }
    begin = end + 1;
  }
  return found;
}

/// toml++ words its errors as sentences with quotes of its own; ours are lower case with code in backticks.
static std::string reword(std::string text) {
  std::replace(text.begin(), text.end(), '\'', '`');
  if (text.size() > 1 && std::isupper(text[0]) && std::islower(text[1]))
    text[0] = static_cast<char>(std::tolower(text[0]));
  return text;
}

static void reportSyntax(const toml::parse_error &error, uint32_t file, DiagnosticEngine &diagnostics) {
  std::string text = reword(std::string(error.description()));
  SourceRange range = rangeOf(error.source(), file);
  constexpr std::string_view redefined = "cannot redefine existing ";
  size_t at = text.find(redefined);
  if (at == std::string::npos) {
    diagnostics.error(Code::TomlSyntax, range, "not valid TOML: " + text);
    return;
  }
  size_t open = text.find('`', at);
  size_t close = open == std::string::npos ? open : text.find('`', open + 1);
  std::string name = close == std::string::npos ? "" : text.substr(open + 1, close - open - 1);
  Diagnostic &problem = diagnostics.error(Code::DuplicateName, range, "`" + name + "` is defined twice; expected one definition");
  SourceRange earlier = earlierDefinition(diagnostics.fileText(file), name, range);
  if (earlier.line)
    problem.note(earlier, "the first definition of `" + name + "`");
}

// --- Entry points ----------------------------------------------------------------

std::optional<Node> parseToml(uint32_t file, DiagnosticEngine &diagnostics) {
  toml::parse_result parsed = toml::parse(std::string_view(diagnostics.fileText(file)));
  if (!parsed) {
    reportSyntax(parsed.error(), file, diagnostics);
    return std::nullopt;
  }
  Node root;
  root.range = {file, 0, 0, 0, 0};
  convertTable(parsed.table(), root, file);
  return root;
}

/// How many keys stand before the equals sign of `a."b.c".d = value`; 0 when there is no such sign.
static size_t keysBeforeEquals(const std::string &argument, size_t &equals) {
  size_t keys = 1;
  char quote = 0;
  for (equals = 0; equals < argument.size(); ++equals) {
    char c = argument[equals];
    if (quote)
      quote = c == quote ? 0 : quote;
    else if (c == '"' || c == '\'')
      quote = c;
    else if (c == '.')
      ++keys;
    else if (c == '=')
      return equals ? keys : 0;
  }
  return 0;
}

/// The argument as TOML; a value that is no TOML value is taken as a string, so that a shell user need not quote twice.
static std::optional<Node> parseSetText(const std::string &argument, size_t equals, uint32_t file) {
  if (argument.find('\n') != std::string::npos)
    return std::nullopt;
  Node root;
  if (toml::parse_result parsed = toml::parse(std::string_view(argument))) {
    convertTable(parsed.table(), root, file);
    return root;
  }
  std::string value = argument.substr(equals + 1);
  if (value.empty() || value.find_first_of("\"'\\[]{}") != std::string::npos)
    return std::nullopt;
  std::string quoted = argument.substr(0, equals + 1) + "\"" + value + "\"";
  if (toml::parse_result parsed = toml::parse(std::string_view(quoted))) {
    convertTable(parsed.table(), root, file);
    return root;
  }
  return std::nullopt;
}

std::optional<SetOption> parseSet(const std::string &argument, DiagnosticEngine &diagnostics) {
  uint32_t file = diagnostics.addFile("--set", argument);
  if (!checkUtf8(file, diagnostics))
    return std::nullopt;
  size_t equals = 0;
  size_t keys = keysBeforeEquals(argument, equals);
  std::optional<Node> root;
  if (keys)
    root = parseSetText(argument, equals, file);
  SourceRange whole{file, 1, 1, 1, static_cast<uint32_t>(argument.size() + 1)};
  if (!root) {
    diagnostics.error(Code::BadSet, whole, "`" + argument + "` is not a setting; expected `key.path=value` with a TOML value");
    return std::nullopt;
  }
  SetOption option;
  Node *node = &*root;
  for (size_t i = 0; i < keys; ++i) {
    Entry &entry = node->entries.front();
    option.path.push_back(entry.key);
    option.keyRanges.push_back(entry.keyRange);
    node = &entry.value;
  }
  Node value = std::move(*node);
  uint32_t end = static_cast<uint32_t>(argument.size() + 1);
  value.range.endColumn = std::min(value.range.endColumn, end);
  option.value = std::move(value);
  return option;
}

} // namespace archc::spec
