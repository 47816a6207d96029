#include "tools/driver/Command.h"

#include "frontend/diagnostics/DiagnosticEngine.h"

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

static std::string unknownWord(const std::string &what, const std::string &word, const std::vector<std::string> &known) {
  std::string text = "unknown " + what + " `" + word + "`; expected " + spec::listOf(known);
  std::string near = spec::nearest(word, known);
  return near.empty() ? text : text + "; did you mean `" + near + "`?";
}

std::string unknownCommand(const std::vector<std::string> &words) {
  std::vector<std::string> first, second; // of those that begin with the first word given
  for (const Command &command : allCommands()) {
    std::string head = command.name.substr(0, command.name.find(' '));
    if (first.empty() || first.back() != head)
      first.push_back(head);
    if (!words.empty() && head == words[0] && head != command.name)
      second.push_back(command.name.substr(head.size() + 1));
  }
  auto isUnknown = [&](size_t index, const std::vector<std::string> &known) {
    return index < words.size() && words[index].rfind('-', 0) != 0 &&
           std::find(known.begin(), known.end(), words[index]) == known.end();
  };
  if (isUnknown(0, first))
    return unknownWord("command", words[0], first);
  return !second.empty() && isUnknown(1, second) ? unknownWord("command of `" + words[0] + "`", words[1], second) : "";
}

} // namespace archc::driver
