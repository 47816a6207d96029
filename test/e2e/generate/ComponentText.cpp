#include "test/e2e/generate/ComponentText.h"

namespace archc::test {

using spec::KeyRow;
using spec::Slot;
using spec::ValueType;

int64_t ComponentText::divisor() {
  std::vector<int64_t> divisors;
  for (int64_t i = 2; i <= commonWidth; ++i)
    if (commonWidth % i == 0)
      divisors.push_back(i);
  return divisors.empty() ? 1 : draw.of(divisors);
}

/// Numbers that are worth trying; a key that is not listed keeps its default, or takes its example when it has none.
static const std::map<std::string, std::vector<std::string>> &numbersToTry() {
  static const std::map<std::string, std::vector<std::string>> numbers = {
      {"kernel", {"1", "3", "5", "7"}},
      {"size", {"1", "3", "5", "7"}},
      {"expansion", {"0.5", "1", "1.7", "2", "3"}},
      {"ratio", {"0.7", "1", "2.5", "3", "4"}},
      {"eps", {"1e-6", "1e-5", "1e-3"}},
      {"momentum", {"0.1", "0.01"}},
      {"init", {"1e-5", "0.5", "1.0"}},
      {"layer_init", {"1e-5", "0.5", "1.0"}},
      {"residual_init", {"0.75", "1.0"}},
      {"scale", {"0.5", "0.8944", "1.25"}},
      {"bias", {"-0.4472", "0.25"}},
      {"heads", {"1", "2", "3"}},
      {"head_dim", {"3", "4", "8"}},
  };
  return numbers;
}

std::string ComponentText::number(const KeyRow &row) {
  if (row.name == "groups")
    return draw.oneIn(2) ? "1" : std::to_string(divisor());
  auto found = numbersToTry().find(row.name);
  if (found != numbersToTry().end())
    return draw.of(found->second);
  return row.defaultValue || row.optional ? "" : row.example;
}

std::string ComponentText::valueOf(const KeyRow &row) {
  switch (row.type) {
  case ValueType::Bool:
    return draw.oneIn(2) ? "true" : "false";
  case ValueType::Component:
    return writeAny(row.slot);
  case ValueType::String:
    return row.choices.empty() ? "" : quoted(draw.of(row.choices));
  default:
    return number(row);
  }
}

std::string ComponentText::write(Slot slot, const std::string &kind, const FixedKeys &fixed, const std::string &more) {
  std::string text = "{ kind = " + quoted(kind);
  for (const KeyRow &row : spec::findKind(slot, kind)->keys) {
    auto given = fixed.find(row.name);
    std::string value = given != fixed.end() ? given->second : valueOf(row);
    if (!value.empty())
      text += ", " + row.name + " = " + value;
  }
  return text + more + " }";
}

std::string ComponentText::writeAny(Slot slot) {
  std::vector<std::string> names;
  for (const spec::ComponentKind *kind : spec::kindsOf(slot))
    names.push_back(kind->name);
  // The one activation with parameters more often than the others.
  if (slot == Slot::Activation && draw.oneIn(3))
    return write(slot, "star_relu");
  return write(slot, draw.of(names));
}

std::string ComponentText::writeActivation(const std::string &kind, const std::string &starRelu) {
  if (kind != "star_relu")
    return write(Slot::Activation, kind);
  return write(Slot::Activation, kind,
               {{"learned", starRelu == "fixed" ? "false" : "true"},
                {"per", quoted(starRelu == "learned_channel" ? "channel" : "layer")}});
}

} // namespace archc::test
