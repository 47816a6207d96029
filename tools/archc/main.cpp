//===- main.cpp - archc: flags and dispatch only --------------------------===//

#include "tools/driver/Command.h"

using namespace archc::driver;

int main(int argc, char **argv) {
  CLI::App app("archc: a TOML file is the architecture; compile it, run it, check it", "archc");
  app.require_subcommand(1);
  app.set_version_flag("--version", ARCHC_VERSION);

  int status = ExitOk;
  for (const Command &command : allCommands()) {
    CLI::App *sub = app.add_subcommand(command.name, command.help);
    sub->footer("Example:\n  " + command.example);
    sub->callback([action = command.setup(*sub), &status] { status = action(); });
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? ExitOk : ExitUserError;
  }
  return status;
}
