//===- Component.h - A table with a `kind`, resolved ----------------------===//

#ifndef ARCHC_FRONTEND_MODEL_COMPONENT_H
#define ARCHC_FRONTEND_MODEL_COMPONENT_H

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace archc::spec {

/// Lines and columns from 1; `file` indexes `Architecture::files`. Line 0: not from a file (a default, `--set`).
struct SourceRange {
  uint32_t file = 0, line = 0, column = 0, endLine = 0, endColumn = 0;
};

struct Component;
using ComponentPtr = std::shared_ptr<const Component>;

/// A resolved value of a key: every default filled in, every short form spelled out.
struct Value {
  std::variant<bool, int64_t, double, std::string, std::vector<int64_t>, ComponentPtr, std::vector<double>,
               std::vector<std::string>>
      data;
  SourceRange source;
};

/// A component such as `mixer = { kind = "sep_conv", kernel = 7 }`. Keys are those of the schema, in its order, all present.
struct Component {
  std::string kind = "none";
  std::vector<std::pair<std::string, Value>> keys;
  SourceRange source;

  /// Null when this kind has no such key.
  const Value *find(const std::string &key) const;
  /// The getters require the key to exist with that type (the resolver guarantees it).
  int64_t getInt(const std::string &key) const;
  double getFloat(const std::string &key) const;
  bool getBool(const std::string &key) const;
  const std::string &getString(const std::string &key) const;
  /// [height, width].
  const std::vector<int64_t> &getPair(const std::string &key) const;
  const Component &getComponent(const std::string &key) const;
};

} // namespace archc::spec

#endif // ARCHC_FRONTEND_MODEL_COMPONENT_H
