//===- Command.h - One subcommand of archc --------------------------------===//
//
// A file in commands/ registers one Command; main() only parses and runs. Results go to stdout, everything else to stderr.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_TOOLS_DRIVER_COMMAND_H
#define ARCHC_TOOLS_DRIVER_COMMAND_H

#include "tools/driver/ExitCode.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

namespace archc::driver {

struct Command {
  /// `name` may have two words: "weights init" is `init` in the group `weights`.
  std::string name, help, example;
  /// Declares flags on `app` and returns the action; the action returns an ExitCode.
  std::function<std::function<int()>(CLI::App &app)> setup;
};

bool registerCommand(Command command);

/// In the order of their names.
const std::vector<Command> &allCommands();

/// What to say when no command begins like `words`, the arguments; empty when one does or an option comes first.
std::string unknownCommand(const std::vector<std::string> &words);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_COMMAND_H
