//===- KeyRows.h - Rows of the schema table, written as sentences ---------===//
//
//   integer("kernel", "Side of the depthwise kernel.").withDefault(7).inRange(1, 255).withUnit("pixels").withExample("7")
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_FRONTEND_COMPONENTS_KEYROWS_H
#define ARCHC_FRONTEND_COMPONENTS_KEYROWS_H

#include "frontend/components/ComponentKind.h"

namespace archc::spec {

/// A KeyRow under construction. Without withDefault() or withoutDefault() the key is required.
struct RowBuilder : KeyRow {
  RowBuilder(std::string name, ValueType type, std::string help);
  RowBuilder &withDefault(Value value);
  RowBuilder &inRange(double least, double most);
  RowBuilder &oneOf(std::vector<std::string> words);
  RowBuilder &withUnit(std::string word);
  RowBuilder &withExample(std::string toml);
  RowBuilder &ofLength(size_t values);
  /// The key may be absent and then stays absent.
  RowBuilder &withoutDefault();
};

Value boolValue(bool value);
Value intValue(int64_t value);
Value floatValue(double value);
Value stringValue(const std::string &value);
Value pairValue(int64_t height, int64_t width);
Value numbersValue(std::vector<double> values);
Value wordsValue(std::vector<std::string> values);
/// A component of `kind` whose keys are the schema's defaults (see withDefaults).
Value componentValue(const std::string &kind);

RowBuilder boolean(std::string name, std::string help);
RowBuilder integer(std::string name, std::string help);
RowBuilder number(std::string name, std::string help);
RowBuilder word(std::string name, std::string help);
RowBuilder pair(std::string name, std::string help);
RowBuilder numbers(std::string name, std::string help);
RowBuilder words(std::string name, std::string help);
RowBuilder nested(std::string name, Slot slot, std::string help);

/// Rows that several kinds share.
RowBuilder epsRow(double value);
RowBuilder affineRow(std::vector<std::string> words, const std::string &value);
RowBuilder ratioRow(const std::string &name, double value, std::string help);

} // namespace archc::spec

#endif // ARCHC_FRONTEND_COMPONENTS_KEYROWS_H
