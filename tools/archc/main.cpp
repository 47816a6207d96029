//===- main.cpp - archc: flags and dispatch only --------------------------===//

#include "runtime/abi/Container.h"
#include "tools/driver/Command.h"

#include <cstdio>
#include <exception>
#include <iostream>
#include <new>
#include <string>

using namespace archc::driver;

/// The application that `command` belongs to: "weights init" is `init` under `weights`, which is made when it is first needed.
static CLI::App *parentOf(CLI::App &app, const std::string &command) {
  size_t space = command.find(' ');
  if (space == std::string::npos)
    return &app;
  std::string group = command.substr(0, space);
  auto named = app.get_subcommands([&](const CLI::App *sub) { return sub->get_name() == group; });
  if (!named.empty())
    return named.front();
  return app.add_subcommand(group, "Commands about " + group + ": see `archc " + group + " --help`")->require_subcommand(1);
}

/// A full disk behind a redirection shows only when the output is flushed.
static bool flushed() {
  std::cout.flush();
  if (std::cout && std::fflush(stdout) == 0 && !std::ferror(stdout))
    return true;
  std::cerr << "error: cannot write to the standard output\n";
  return false;
}

int main(int argc, char **argv) {
  CLI::App app("archc: a TOML file is the architecture; compile it, run it, check it", "archc");
  app.require_subcommand(1);
  app.set_version_flag("--version", "archc " ARCHC_VERSION "\nartifact format " + std::to_string(archrt::abi::kFormatVersion) +
                                        "\nMLIR " ARCHC_MLIR_VERSION);

  int status = ExitOk;
  for (const Command &command : allCommands()) {
    std::string ownName = command.name.substr(command.name.find(' ') + 1);
    CLI::App *sub = parentOf(app, command.name)->add_subcommand(ownName, command.help);
    sub->footer("Example:\n  " + command.example);
    sub->callback([action = command.setup(*sub), &status] { status = action(); });
  }
  if (std::string unknown = unknownCommand({argv + 1, argv + argc}); !unknown.empty()) {
    std::cerr << "error: " << unknown << "\n";
    return ExitUserError;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    status = app.exit(error) == 0 ? ExitOk : ExitUserError;
  } catch (const std::bad_alloc &) {
    std::cerr << "error: out of memory\n";
    return ExitFailure;
  } catch (const std::exception &error) {
    std::cerr << "error: internal error: " << error.what() << "\n";
    return ExitFailure;
  }
  return flushed() ? status : ExitFailure;
}
