#include "runtime/device/Device.h"

#include <map>

namespace archrt {

static std::map<std::string, DeviceFactory> &registry() {
  static std::map<std::string, DeviceFactory> devices;
  return devices;
}

bool registerDevice(const char *name, DeviceFactory factory) { return registry().emplace(name, factory).second; }

std::vector<std::string> deviceNames() {
  std::vector<std::string> names;
  for (const auto &[name, factory] : registry())
    names.push_back(name);
  return names;
}

Result<DeviceFactory> findDevice(const std::string &name) {
  auto found = registry().find(name);
  if (found != registry().end())
    return found->second;
  std::string known;
  for (const std::string &each : deviceNames())
    known += (known.empty() ? "`" : ", `") + each + "`";
  return invalid("unknown device `", name, "`; expected one of ", known);
}

} // namespace archrt
