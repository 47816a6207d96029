//===- ComponentText.h - Components of a spec, drawn from the schema ------===//

#ifndef ARCHC_TEST_E2E_GENERATE_COMPONENTTEXT_H
#define ARCHC_TEST_E2E_GENERATE_COMPONENTTEXT_H

#include "frontend/components/ComponentKind.h"
#include "test/e2e/generate/Draw.h"

#include <map>

namespace archc::test {

/// Keys whose values are given, as TOML; an empty one leaves the key out.
using FixedKeys = std::map<std::string, std::string>;

/// Writes `{ kind = "sep_conv", kernel = 5, … }`: words, flags and nested components from the rows of the kind, numbers from a short
/// list that keeps models small and valid on maps whose widths are multiples of `commonWidth`.
class ComponentText {
public:
  ComponentText(Draw &draw, int64_t commonWidth) : draw(draw), commonWidth(commonWidth) {}

  /// `more` is appended as it is: ", order = \"post_norm\"".
  std::string write(spec::Slot slot, const std::string &kind, const FixedKeys &fixed = {}, const std::string &more = "");
  std::string writeAny(spec::Slot slot);
  /// An activation with the variant of star_relu: "learned_layer", "learned_channel" or "fixed".
  std::string writeActivation(const std::string &kind, const std::string &starRelu);

  /// A divisor of the common width; 1 when that is all there is.
  int64_t divisor();

private:
  std::string valueOf(const spec::KeyRow &row);
  std::string number(const spec::KeyRow &row);

  Draw &draw;
  int64_t commonWidth;
};

inline std::string quoted(const std::string &word) { return "\"" + word + "\""; }

} // namespace archc::test

#endif // ARCHC_TEST_E2E_GENERATE_COMPONENTTEXT_H
