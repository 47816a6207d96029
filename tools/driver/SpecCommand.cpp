#include "tools/driver/SpecCommand.h"

#include <iostream>

namespace archc::driver {

void addSpecOptions(CLI::App &app, spec::LoadOptions &options) {
  app.add_option("SPEC", options.spec, "A spec file, or the name of a shipped spec (`archc list`)")->required();
  app.add_option("--set", options.sets, "Change a key: `--set stage.3.depth=9`; may be given more than once")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

int loadOrReport(const spec::LoadOptions &options, spec::Architecture &architecture) {
  spec::DiagnosticEngine diagnostics;
  if (spec::loadArchitecture(options, architecture, diagnostics))
    return ExitOk;
  diagnostics.print(std::cerr);
  return diagnostics.exitCode();
}

} // namespace archc::driver
