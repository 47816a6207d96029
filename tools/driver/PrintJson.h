//===- PrintJson.h - JSON on stdout ---------------------------------------===//

#ifndef ARCHC_TOOLS_DRIVER_PRINTJSON_H
#define ARCHC_TOOLS_DRIVER_PRINTJSON_H

#include <iostream>
#include <nlohmann/json.hpp>

namespace archc::driver {

/// File names and labels may hold any bytes; what is no UTF-8 is printed as the replacement character.
inline void printJson(const nlohmann::ordered_json &value) {
  std::cout << value.dump(2, ' ', /*ensure_ascii=*/false, nlohmann::ordered_json::error_handler_t::replace) << "\n";
}

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_PRINTJSON_H
