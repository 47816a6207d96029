//===- SpecCommand.h - What commands that take a spec share ---------------===//

#ifndef ARCHC_TOOLS_DRIVER_SPECCOMMAND_H
#define ARCHC_TOOLS_DRIVER_SPECCOMMAND_H

#include "frontend/Frontend.h"
#include "tools/driver/Command.h"

namespace archc::driver {

/// Adds the positional SPEC and `--set`.
void addSpecOptions(CLI::App &app, spec::LoadOptions &options);

/// Loads the spec; prints what is wrong to stderr. ExitOk, or the exit code to end with.
int loadOrReport(const spec::LoadOptions &options, spec::Architecture &architecture);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_SPECCOMMAND_H
