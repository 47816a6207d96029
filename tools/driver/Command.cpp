#include "tools/driver/Command.h"

#include <algorithm>

namespace archc::driver {

static std::vector<Command> &registry() {
  static std::vector<Command> commands;
  return commands;
}

bool registerCommand(Command command) {
  auto &commands = registry();
  auto byName = [](const Command &a, const Command &b) { return a.name < b.name; };
  commands.insert(std::upper_bound(commands.begin(), commands.end(), command, byName), std::move(command));
  return true;
}

const std::vector<Command> &allCommands() { return registry(); }

} // namespace archc::driver
