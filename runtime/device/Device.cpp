#include "runtime/device/Device.h"

#include <map>
#include <optional>

namespace archrt {

static std::map<std::string, DeviceKind> &registry() {
  static std::map<std::string, DeviceKind> devices;
  return devices;
}

bool registerDevice(const char *name, DeviceFactory factory, DeviceCount count) {
  return registry().emplace(name, DeviceKind{factory, count}).second;
}

std::vector<std::string> deviceNames() {
  std::vector<std::string> names;
  for (const auto &[name, kind] : registry())
    names.push_back(name);
  return names;
}

/// "7" -> 7; nothing for what is no number of a device.
static std::optional<int> numberOf(std::string_view text) {
  constexpr size_t mostDigits = 4;
  if (text.empty() || text.size() > mostDigits || text.find_first_not_of("0123456789") != text.npos)
    return std::nullopt;
  int number = 0;
  for (char digit : text)
    number = 10 * number + (digit - '0');
  return number;
}

Result<NamedDevice> findDevice(const std::string &name) {
  size_t colon = name.find(':');
  auto found = registry().find(name.substr(0, colon));
  if (found != registry().end() && colon == name.npos)
    return NamedDevice{found->second.factory, 0};
  if (found != registry().end() && found->second.count == DeviceCount::Several) {
    if (std::optional<int> number = numberOf(std::string_view(name).substr(colon + 1)))
      return NamedDevice{found->second.factory, *number};
  }
  std::string known;
  for (const auto &[each, kind] : registry()) {
    known += concat(known.empty() ? "`" : ", `", each, "`");
    if (kind.count == DeviceCount::Several)
      known += concat(", `", each, ":N`");
  }
  return invalid("unknown device `", name, "`; expected one of ", known);
}

} // namespace archrt
