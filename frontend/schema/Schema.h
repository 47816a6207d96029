//===- Schema.h - The schema table: every key of the language -------------===//
//
// Tables are rows here, components are rows of their ComponentKind; parser, JSON Schema, key reference and `archc help-key`
// all read these, so that none can say something else.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_FRONTEND_SCHEMA_SCHEMA_H
#define ARCHC_FRONTEND_SCHEMA_SCHEMA_H

#include "frontend/components/ComponentKind.h"

#include <optional>
#include <string>
#include <vector>

namespace archc::spec {

/// Specs say what a model is, recipes how it is trained; each is a kind of file with tables and components of its own.
enum class Language { Spec, Recipe };

/// A table of the language. `path` is how a user addresses it ("arch.input"); a row of type Table names the one below it.
struct TableSchema {
  std::string path, heading, help;
  std::vector<KeyRow> rows;
  /// The table is itself a component: of this slot, of `kind` when it states none. Then it has no rows of its own.
  std::optional<Slot> slot = std::nullopt;
  std::string kind = "";
};

/// In the order of the language reference.
const std::vector<TableSchema> &allTables(Language language);
const std::vector<TableSchema> &specTables();
const std::vector<TableSchema> &recipeTables();

/// `path` must be one of either language.
const TableSchema &tableSchema(const std::string &path);

/// The table that `row` of `parent` holds; null for `override`, whose keys are those of a block.
const TableSchema *tableBelow(const TableSchema &parent, const KeyRow &row);

/// Null when there is no such row.
const KeyRow *findRow(const std::vector<KeyRow> &rows, const std::string &key);

/// What a mixer's or channel's table may state for its branch, beside the keys of its kind.
const std::vector<KeyRow> &branchRows();

/// Whether some table or kind has a key of this name that holds a component: then a string is short for a table with `kind`.
bool isComponentKey(const std::string &key);

/// "mixer" ...
std::string slotName(Slot slot);
/// The slots of a language, in the order of its reference.
const std::vector<Slot> &allSlots(Language language);

/// "an integer from 1 to 65536, in channels", "`avg` or `none`" ...: what a row accepts.
std::string describeType(const KeyRow &row);
/// A default as TOML; "" when there is none.
std::string describeDefault(const KeyRow &row);

/// The shortest TOML float that reads back as `value`.
std::string tomlNumber(double value);

/// The JSON Schema (draft-07) of a spec or a recipe, for completion in editors.
std::string jsonSchema(Language language);

/// docs/language.md's key reference.
std::string markdownReference();

/// The help of a key path of either language: "block.mixer.kernel", "stage.dim", "mixer.sep_conv", "optimizer.rate". Empty when there is no such key.
std::optional<std::string> helpForKey(const std::string &path);

/// All paths that helpForKey takes, for hints.
std::vector<std::string> allKeyPaths();

} // namespace archc::spec

#endif // ARCHC_FRONTEND_SCHEMA_SCHEMA_H
