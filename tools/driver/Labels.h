//===- Labels.h - The names of classes ------------------------------------===//

#ifndef ARCHC_TOOLS_DRIVER_LABELS_H
#define ARCHC_TOOLS_DRIVER_LABELS_H

#include "runtime/core/Status.h"

#include <cstdint>
#include <string>
#include <vector>

namespace archc::driver {

/// The lines of a text file, one for each of `classes`; line ends of either kind.
archrt::Result<std::vector<std::string>> readLabels(const std::string &path, int64_t classes);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_LABELS_H
