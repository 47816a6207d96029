//===- Check.h - What only the whole architecture shows -------------------===//

#ifndef ARCHC_FRONTEND_CHECK_CHECK_H
#define ARCHC_FRONTEND_CHECK_CHECK_H

#include "frontend/resolve/Resolve.h"

namespace archc::spec {

/// Walks the map through the stages: fills in each stage's height and width and reports sizes that vanish or explode, widths that
/// do not divide and components made for another map. Stops at the first stage whose map is unknown.
void checkShapes(Architecture &architecture, const std::vector<StageFacts> &facts, DiagnosticEngine &diagnostics);

/// Reports parts whose parameters or costs, which must have been counted, are beyond what can be counted.
void checkSizes(const Architecture &architecture, DiagnosticEngine &diagnostics);

} // namespace archc::spec

#endif // ARCHC_FRONTEND_CHECK_CHECK_H
