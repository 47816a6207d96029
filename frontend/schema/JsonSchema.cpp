//===- JsonSchema.cpp - The schema table as JSON Schema (draft-07) --------===//
//
// For completion and squiggles in editors. It is laxer than `archc check` where inheritance may fill in what a table leaves out.
//
//===----------------------------------------------------------------------===//

#include "frontend/schema/Schema.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace archc::spec {

using Json = nlohmann::ordered_json;

static Json tableJson(const TableSchema &table);

static Json reference(const std::string &name) { return {{"$ref", "#/definitions/" + name}}; }

static Json numberJson(const KeyRow &row, const char *type) {
  Json json = {{"type", type}};
  auto bound = [&](double value) {
    bool whole = value == std::floor(value) && std::fabs(value) < 1e15;
    return whole ? Json(static_cast<int64_t>(value)) : Json(value);
  };
  if (row.min > -1e299)
    json["minimum"] = bound(row.min);
  if (row.max < 1e299)
    json["maximum"] = bound(row.max);
  return json;
}

static Json wordJson(const KeyRow &row) {
  Json json = {{"type", "string"}};
  if (!row.choices.empty())
    json["enum"] = row.choices;
  return json;
}

static Json arrayOf(Json items) { return {{"type", "array"}, {"items", std::move(items)}}; }

static Json listJson(const KeyRow &row, Json items) {
  Json json = arrayOf(std::move(items));
  if (row.length)
    json["minItems"] = json["maxItems"] = row.length;
  return json;
}

static Json blocksJson() {
  Json counts = {{"type", "object"},
                 {"properties", {{"use", {{"type", "string"}}}, {"count", {{"type", "integer"}, {"minimum", 1}}}}},
                 {"required", {"use", "count"}},
                 {"additionalProperties", false}};
  Json name = {{"type", "string"}};
  return {{"anyOf", {name, arrayOf(name), arrayOf(counts), reference("table_stage.blocks")}}};
}

static Json valueJson(const KeyRow &row) {
  switch (row.type) {
  case ValueType::Bool:
    return {{"type", "boolean"}};
  case ValueType::Int:
    return numberJson(row, "integer");
  case ValueType::Float:
    return numberJson(row, "number");
  case ValueType::String:
    return wordJson(row);
  case ValueType::Pair: {
    Json both = numberJson(row, "integer"), pair = arrayOf(both);
    pair["minItems"] = pair["maxItems"] = 2;
    return {{"anyOf", {both, pair}}};
  }
  case ValueType::Component:
    return reference(slotName(row.slot));
  case ValueType::FloatList:
    return listJson(row, numberJson(row, "number"));
  case ValueType::IntList:
    return listJson(row, numberJson(row, "integer"));
  case ValueType::StringList:
    return listJson(row, wordJson(row));
  case ValueType::Table:
    return {{"type", "object"}};
  case ValueType::Blocks:
    return blocksJson();
  case ValueType::Positions:
    return {{"type", "object"}, {"additionalProperties", {{"type", "string"}}}};
  }
  return {};
}

static Json describedJson(Json value, const KeyRow &row) {
  std::string text = row.help + (row.unit.empty() ? "" : " Unit: " + row.unit + ".");
  // Draft-07 ignores what stands beside `$ref`, so a reference is wrapped.
  if (value.contains("$ref"))
    value = {{"allOf", Json::array({value})}};
  value["description"] = text;
  if (std::string byDefault = describeDefault(row); !byDefault.empty())
    value["default"] = Json::parse(byDefault, nullptr, /*allow_exceptions=*/false);
  return value;
}

static Json propertiesOf(const std::vector<KeyRow> &rows) {
  Json properties = Json::object();
  for (const KeyRow &row : rows)
    properties[row.name] = describedJson(valueJson(row), row);
  return properties;
}

// --- Components ----------------------------------------------------------------------

static bool isBranchSlot(Slot slot) { return slot == Slot::Mixer || slot == Slot::Channel; }

static Json kindJson(const ComponentKind &kind) {
  Json properties = {{"kind", {{"const", kind.name}, {"description", kind.help}}}};
  properties.update(propertiesOf(kind.keys));
  if (isBranchSlot(kind.slot))
    properties.update(propertiesOf(branchRows()));
  return {{"type", "object"}, {"properties", properties}, {"required", {"kind"}}, {"additionalProperties", false}};
}

/// A string, a table of one of the kinds, or a table that inherits its kind and may hold any kind's keys.
static Json slotJson(Slot slot) {
  Json names = Json::array(), forms = Json::array(), anyKey = Json::object();
  for (const ComponentKind *kind : kindsOf(slot)) {
    names.push_back(kind->name);
    forms.push_back(kindJson(*kind));
    for (const KeyRow &row : kind->keys)
      anyKey[row.name] = Json::object();
  }
  if (isBranchSlot(slot))
    for (const KeyRow &row : branchRows())
      anyKey[row.name] = Json::object();
  forms.insert(forms.begin(), Json{{"type", "string"}, {"enum", names}});
  forms.push_back({{"type", "object"}, {"properties", anyKey}, {"additionalProperties", false}});
  return {{"anyOf", forms}};
}

// --- Tables ----------------------------------------------------------------------------

static Json rowJson(const TableSchema &table, const KeyRow &row) {
  if (row.type != ValueType::Table)
    return valueJson(row);
  const TableSchema *below = tableBelow(table, row);
  return below ? tableJson(*below) : reference("table_block");
}

static Json tableJson(const TableSchema &table) {
  Json properties = Json::object();
  for (const KeyRow &row : table.rows)
    properties[row.name] = describedJson(rowJson(table, row), row);
  return {{"type", "object"}, {"description", table.help}, {"properties", properties}, {"additionalProperties", false}};
}

static Json requiredOf(const std::string &path) {
  Json required = Json::array();
  for (const KeyRow &row : tableSchema(path).rows)
    if (!row.defaultValue && !row.optional)
      required.push_back(row.name);
  return required;
}

static Json overrideJson() {
  Json json = tableJson(tableSchema("stage"));
  json["properties"].update(propertiesOf(tableSchema("override").rows));
  json["description"] = tableSchema("override").help;
  json["required"] = requiredOf("override");
  return json;
}

static Json topJson() {
  Json stage = reference("table_stage");
  return {{"arch", reference("table_arch")},
          {"block", {{"type", "object"}, {"additionalProperties", reference("table_block")}}},
          {"stage", {{"type", "array"}, {"minItems", 1}, {"items", {{"allOf", {stage, {{"required", requiredOf("stage")}}}}}}}},
          {"alternate", reference("table_alternate")},
          {"head", reference("table_head")},
          {"override", arrayOf(overrideJson())},
          {"budget", reference("table_budget")}};
}

static Json slotDefinitions(Language language) {
  Json definitions = Json::object();
  for (Slot slot : allSlots(language))
    definitions[slotName(slot)] = slotJson(slot);
  return definitions;
}

static Json recipeJson() {
  Json properties = Json::object();
  for (const TableSchema &table : allTables(Language::Recipe))
    properties[table.path] = table.slot ? reference(slotName(*table.slot)) : tableJson(table);
  properties["run"]["required"] = {"edition"};
  return {{"$schema", "http://json-schema.org/draft-07/schema#"},
          {"title", "archc recipe, edition 1"},
          {"type", "object"},
          {"properties", properties},
          {"required", {"run"}},
          {"additionalProperties", false},
          {"definitions", slotDefinitions(Language::Recipe)}};
}

static Json specJson() {
  Json definitions = slotDefinitions(Language::Spec);
  for (const char *path : {"arch", "block", "stage", "stage.blocks", "alternate", "head", "budget"})
    definitions[std::string("table_") + path] = tableJson(tableSchema(path));
  // The edition is each file's own; what else is required may come from the file that `extends` names.
  definitions["table_arch"]["required"] = {"edition"};
  Json extending = {{"properties", {{"arch", {{"required", {"extends"}}}}}}};
  return {{"$schema", "http://json-schema.org/draft-07/schema#"},
          {"title", "archc spec, edition 1"},
          {"type", "object"},
          {"properties", topJson()},
          {"required", {"arch"}},
          {"additionalProperties", false},
          {"if", extending},
          {"else", {{"required", {"block", "stage"}}, {"properties", {{"arch", {{"required", requiredOf("arch")}}}}}}},
          {"definitions", definitions}};
}

std::string jsonSchema(Language language) {
  Json schema = language == Language::Spec ? specJson() : recipeJson();
  return schema.dump(2) + "\n";
}

} // namespace archc::spec
