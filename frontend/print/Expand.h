//===- Expand.h - An architecture as a plain spec -------------------------===//

#ifndef ARCHC_FRONTEND_PRINT_EXPAND_H
#define ARCHC_FRONTEND_PRINT_EXPAND_H

#include "frontend/model/Architecture.h"

namespace archc::spec {

/// A spec that means the same and has nothing left to inherit, to override or to alternate; every default is spelled out.
/// Expanding it again gives the same bytes.
std::string expandedSpec(const Architecture &architecture);

} // namespace archc::spec

#endif // ARCHC_FRONTEND_PRINT_EXPAND_H
