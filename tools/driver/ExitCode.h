//===- ExitCode.h - How commands end --------------------------------------===//

#ifndef ARCHC_TOOLS_DRIVER_EXITCODE_H
#define ARCHC_TOOLS_DRIVER_EXITCODE_H

namespace archc::driver {

/// The exit codes every command keeps to.
enum ExitCode { ExitOk = 0, ExitFailure = 1, ExitUserError = 2, ExitBudget = 3, ExitNoTarget = 4, ExitInterrupted = 130 };

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_EXITCODE_H
