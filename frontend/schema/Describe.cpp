//===- Describe.cpp - Rows in words ---------------------------------------===//

#include "frontend/diagnostics/DiagnosticEngine.h"
#include "frontend/schema/Schema.h"

#include <cmath>

namespace archc::spec {

std::string tomlNumber(double value) {
  char buffer[40];
  // 60.0 rather than 6e+1.
  if (value == std::floor(value) && std::fabs(value) < 1e5) {
    std::snprintf(buffer, sizeof(buffer), "%.1f", value);
    return buffer;
  }
  for (int digits = 1; digits <= 17; ++digits) {
    std::snprintf(buffer, sizeof(buffer), "%.*g", digits, value);
    if (std::strtod(buffer, nullptr) == value)
      break;
  }
  std::string text = buffer;
  // 1e-06 is 1e-6 to a reader.
  size_t exponent = text.find('e');
  if (exponent != std::string::npos && text[exponent + 2] == '0')
    text.erase(exponent + 2, 1);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

/// Integers whole: `%g` would make 1048576 of 1.04858e+06.
static std::string boundText(double value) {
  bool whole = value == std::floor(value) && std::fabs(value) < 1e15;
  return whole ? std::to_string(static_cast<int64_t>(value)) : tomlNumber(value);
}

static std::string rangeText(const KeyRow &row) {
  bool low = row.min > -1e299, high = row.max < 1e299;
  if (low && high)
    return " from " + boundText(row.min) + " to " + boundText(row.max);
  if (low)
    return " of at least " + boundText(row.min);
  return high ? " of at most " + boundText(row.max) : "";
}

static std::string kindsText(Slot slot) {
  std::vector<std::string> names;
  for (const ComponentKind *kind : kindsOf(slot))
    names.push_back(kind->name);
  return "a component of kind " + listOf(names);
}

static std::string countText(const KeyRow &row) { return row.length ? std::to_string(row.length) + " " : ""; }

std::string describeType(const KeyRow &row) {
  switch (row.type) {
  case ValueType::Bool:
    return "`true` or `false`";
  case ValueType::Int:
    return "an integer" + rangeText(row);
  case ValueType::Float:
    return "a number" + rangeText(row);
  case ValueType::String:
    return row.choices.empty() ? "a string" : listOf(row.choices);
  case ValueType::Pair:
    return "`[height, width]` or one integer for both, each" + rangeText(row);
  case ValueType::Component:
    return kindsText(row.slot);
  case ValueType::FloatList:
    return "an array of " + countText(row) + "numbers" + rangeText(row);
  case ValueType::IntList:
    return "an array of " + countText(row) + "integers" + rangeText(row);
  case ValueType::StringList:
    return row.choices.empty() ? "an array of strings" : "an array of " + listOf(row.choices);
  case ValueType::Table:
    return "a table";
  case ValueType::Blocks:
    return "a block's name, an array of names, an array of `{ use, count }`, or a rule";
  case ValueType::Positions:
    return "a table of positions and blocks";
  }
  return "";
}

static std::string quoted(const std::string &text) { return "\"" + text + "\""; }

static std::string defaultText(const KeyRow &row) {
  const auto &data = row.defaultValue->data;
  if (auto *value = std::get_if<bool>(&data))
    return *value ? "true" : "false";
  if (auto *value = std::get_if<int64_t>(&data))
    return std::to_string(*value);
  if (auto *value = std::get_if<double>(&data))
    return tomlNumber(*value);
  if (auto *value = std::get_if<std::string>(&data))
    return quoted(*value);
  if (auto *pair = std::get_if<std::vector<int64_t>>(&data))
    return "[" + std::to_string((*pair)[0]) + ", " + std::to_string((*pair)[1]) + "]";
  if (auto *component = std::get_if<ComponentPtr>(&data))
    return quoted((*component)->kind);
  std::string text = "[";
  if (auto *numbers = std::get_if<std::vector<double>>(&data))
    for (double number : *numbers)
      text += (text.size() > 1 ? ", " : "") + tomlNumber(number);
  if (auto *words = std::get_if<std::vector<std::string>>(&data))
    for (const std::string &word : *words)
      text += (text.size() > 1 ? ", " : "") + quoted(word);
  return text + "]";
}

std::string describeDefault(const KeyRow &row) { return row.defaultValue ? defaultText(row) : ""; }

} // namespace archc::spec
