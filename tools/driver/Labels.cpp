#include "tools/driver/Labels.h"

#include <cerrno>
#include <cstring>
#include <fstream>

using namespace archrt;

namespace archc::driver {

Result<std::vector<std::string>> readLabels(const std::string &path, int64_t classes) {
  errno = 0;
  std::ifstream file(path);
  if (!file)
    return invalid("cannot open `", path, "`: ", std::strerror(errno));
  std::vector<std::string> labels;
  for (std::string line; std::getline(file, line);) {
    if (static_cast<int64_t>(labels.size()) == classes)
      return invalid(path, ": has more than ", classes, " lines; expected one for each class");
    labels.push_back(line.substr(0, line.find('\r')));
  }
  if (file.bad())
    return invalid("cannot read `", path, "`: ", std::strerror(errno));
  if (static_cast<int64_t>(labels.size()) != classes)
    return invalid(path, ": has ", labels.size(), " lines; expected ", classes, ", one for each class");
  return labels;
}

} // namespace archc::driver
