//===- VerifyExpected.h - `# expected-error` comments in specs ------------===//
//
// The checks of spec diagnostics stand in the specs themselves: `# expected-error@+1 {{part of the message}}`, `expected-note` for
// notes. Lines are relative (`@+N`, `@-N`, none: this line) or absolute (`@N`); problems of a file as a whole are on line 0 (`@0`).
// `archc check` does this without MLIR, in MLIR's notation.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_FRONTEND_DIAGNOSTICS_VERIFYEXPECTED_H
#define ARCHC_FRONTEND_DIAGNOSTICS_VERIFYEXPECTED_H

#include "frontend/diagnostics/DiagnosticEngine.h"

namespace archc::spec {

/// Compares what was found with the expectations in the text of file 0; a place in another file is written `@NAME:N`, by the last part
/// of its path (`--set` is a name, too). Returns one line for each expectation not met and each problem not expected.
std::vector<std::string> verifyExpected(const DiagnosticEngine &diagnostics);

/// The parts of `text` between `# -----` lines, each padded with empty lines in front so that line numbers are the file's.
std::vector<std::string> splitInput(const std::string &text);

} // namespace archc::spec

#endif // ARCHC_FRONTEND_DIAGNOSTICS_VERIFYEXPECTED_H
