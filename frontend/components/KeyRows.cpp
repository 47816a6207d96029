//===- KeyRows.cpp - Rows of the schema table -----------------------------===//

#include "frontend/components/KeyRows.h"

namespace archc::spec {

RowBuilder::RowBuilder(std::string rowName, ValueType rowType, std::string sentence) {
  name = std::move(rowName);
  type = rowType;
  help = std::move(sentence);
}

RowBuilder &RowBuilder::withDefault(Value value) {
  defaultValue = std::move(value);
  return *this;
}

RowBuilder &RowBuilder::inRange(double least, double most) {
  min = least;
  max = most;
  return *this;
}

RowBuilder &RowBuilder::oneOf(std::vector<std::string> words) {
  choices = std::move(words);
  return *this;
}

RowBuilder &RowBuilder::withUnit(std::string word) {
  unit = std::move(word);
  return *this;
}

RowBuilder &RowBuilder::withExample(std::string toml) {
  example = std::move(toml);
  return *this;
}

RowBuilder &RowBuilder::ofLength(size_t values) {
  length = values;
  return *this;
}

RowBuilder &RowBuilder::withoutDefault() {
  optional = true;
  return *this;
}

template <typename T> static Value valueOf(T data) {
  Value value;
  value.data = std::move(data);
  return value;
}

Value boolValue(bool value) { return valueOf(value); }
Value intValue(int64_t value) { return valueOf(value); }
Value floatValue(double value) { return valueOf(value); }
Value stringValue(const std::string &value) { return valueOf(value); }
Value pairValue(int64_t height, int64_t width) { return valueOf(std::vector<int64_t>{height, width}); }
Value numbersValue(std::vector<double> values) { return valueOf(std::move(values)); }
Value wordsValue(std::vector<std::string> values) { return valueOf(std::move(values)); }

Value componentValue(const std::string &kind) {
  Component component;
  component.kind = kind;
  return valueOf(ComponentPtr(std::make_shared<const Component>(std::move(component))));
}

RowBuilder boolean(std::string name, std::string help) { return RowBuilder(std::move(name), ValueType::Bool, std::move(help)); }
RowBuilder integer(std::string name, std::string help) { return RowBuilder(std::move(name), ValueType::Int, std::move(help)); }
RowBuilder number(std::string name, std::string help) { return RowBuilder(std::move(name), ValueType::Float, std::move(help)); }
RowBuilder word(std::string name, std::string help) { return RowBuilder(std::move(name), ValueType::String, std::move(help)); }
RowBuilder pair(std::string name, std::string help) { return RowBuilder(std::move(name), ValueType::Pair, std::move(help)); }
RowBuilder numbers(std::string name, std::string help) {
  return RowBuilder(std::move(name), ValueType::FloatList, std::move(help));
}
RowBuilder words(std::string name, std::string help) {
  return RowBuilder(std::move(name), ValueType::StringList, std::move(help));
}

RowBuilder nested(std::string name, Slot slot, std::string help) {
  RowBuilder row(std::move(name), ValueType::Component, std::move(help));
  row.slot = slot;
  return row;
}

RowBuilder epsRow(double value) {
  return number("eps", "Added to the variance before its root is taken.")
      .withDefault(floatValue(value))
      .inRange(1e-12, 1)
      .withExample("1e-6");
}

RowBuilder affineRow(std::vector<std::string> words, const std::string &value) {
  return word("affine", "Learned part after normalising: `full` has weight and bias, `scale` a weight only, `none` neither.")
      .withDefault(stringValue(value))
      .oneOf(std::move(words))
      .withExample("\"scale\"");
}

RowBuilder ratioRow(const std::string &name, double value, std::string help) {
  return number(name, std::move(help)).withDefault(floatValue(value)).inRange(1.0 / 64, 64).withExample("4");
}

} // namespace archc::spec
