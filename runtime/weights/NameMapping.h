//===- NameMapping.h - Other people's parameter names become timm's -------===//
//
// A mapping is a table of rules over dot-separated names. In a pattern `#` stands for one number and a last `*` for the rest of
// the name; the replacement repeats them in order. The first rule that matches decides; a name that no rule matches stays.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_WEIGHTS_NAMEMAPPING_H
#define ARCHRT_WEIGHTS_NAMEMAPPING_H

#include <string>
#include <string_view>
#include <vector>

namespace archrt {

struct NameRule {
  std::string_view pattern, replacement;
};

struct NameMapping {
  std::string_view name, origin;
  std::vector<NameRule> rules;

  std::string map(std::string_view key) const;
};

/// `timm` (no rules) first.
const std::vector<NameMapping> &nameMappings();

/// Null when unknown.
const NameMapping *findNameMapping(std::string_view name);

} // namespace archrt

#endif // ARCHRT_WEIGHTS_NAMEMAPPING_H
