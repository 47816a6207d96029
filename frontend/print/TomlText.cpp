#include "frontend/print/TomlText.h"
#include "frontend/schema/Schema.h"

#include <algorithm>

namespace archc::spec {

std::string quote(const std::string &text) {
  std::string result = "\"";
  for (char c : text) {
    char escape[8];
    std::snprintf(escape, sizeof(escape), "\\u%04X", static_cast<unsigned char>(c));
    bool isControl = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    if (isControl)
      result += escape;
    else
      result += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  }
  return result + "\"";
}

std::string keyText(const std::string &key) {
  bool bare = !key.empty() &&
              std::all_of(key.begin(), key.end(), [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-'; });
  return bare ? key : quote(key);
}

std::string valueText(const Value &value) {
  struct Printer {
    std::string operator()(bool flag) { return flag ? "true" : "false"; }
    std::string operator()(int64_t number) { return std::to_string(number); }
    std::string operator()(double number) { return tomlNumber(number); }
    std::string operator()(const std::string &text) { return quote(text); }
    std::string operator()(const ComponentPtr &component) { return componentText(*component); }
    std::string operator()(const std::vector<double> &numbers) { return arrayText(numbers, tomlNumber); }
    std::string operator()(const std::vector<std::string> &words) { return arrayText(words, quote); }
    std::string operator()(const std::vector<int64_t> &pair) {
      bool same = pair.size() == 2 && pair[0] == pair[1];
      return same ? std::to_string(pair[0]) : arrayText(pair, [](int64_t side) { return std::to_string(side); });
    }
  };
  return std::visit(Printer(), value.data);
}

std::string componentText(const Component &component) {
  if (component.keys.empty())
    return quote(component.kind);
  std::string text = "{ kind = " + quote(component.kind);
  for (const auto &[key, value] : component.keys)
    text += ", " + key + " = " + valueText(value);
  return text + " }";
}

} // namespace archc::spec
