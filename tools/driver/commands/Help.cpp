//===- Help.cpp - archc help-key, archc help-error ------------------------===//

#include "frontend/schema/Schema.h"
#include "tools/driver/SpecCommand.h"

#include <iostream>
#include <memory>

namespace archc::driver {

static int complain(const std::string &what, const std::string &asked, const std::vector<std::string> &known) {
  std::string near = spec::nearest(asked, known);
  std::cerr << "archc: error: unknown " << what << " `" << asked << "`" << (near.empty() ? "" : "; did you mean `" + near + "`?")
            << '\n';
  return ExitUserError;
}

static int helpKey(const std::string &path) {
  if (path.empty()) {
    for (const std::string &known : spec::allKeyPaths())
      std::cout << known << '\n';
    return ExitOk;
  }
  std::optional<std::string> help = spec::helpForKey(path);
  if (!help)
    return complain("key", path, spec::allKeyPaths());
  std::cout << *help;
  return ExitOk;
}

/// Each line of an example is indented, so that it reads as one.
static std::string indented(const std::string &text) {
  std::string result = "    ";
  for (char c : text)
    result += c == '\n' ? std::string("\n    ") : std::string(1, c);
  return result;
}

static int helpError(const std::string &number) {
  std::vector<std::string> known;
  for (const spec::CodeInfo &info : spec::allCodes()) {
    known.push_back(info.number);
    if (number.empty())
      std::cout << info.number << "  " << info.title << '\n';
  }
  if (number.empty())
    return ExitOk;
  const spec::CodeInfo *info = spec::findCode(number);
  if (!info)
    return complain("error", number, known);
  std::cout << info->number << ": " << info->title << "\n\n"
            << info->explanation << "\n\nExample:\n"
            << indented(info->example) << '\n';
  return ExitOk;
}

static std::function<int()> setupHelp(CLI::App &app, const std::string &name, const std::string &help,
                                      int (*action)(const std::string &)) {
  auto asked = std::make_shared<std::string>();
  app.add_option(name, *asked, help);
  return [asked, action] { return action(*asked); };
}

static const bool keyRegistered =
    registerCommand({"help-key", "Explain a key of the language; without one, list all", "archc help-key block.mixer.kernel",
                     [](CLI::App &app) { return setupHelp(app, "KEY", "The key, with dots between tables", helpKey); }});

static const bool errorRegistered =
    registerCommand({"help-error", "Explain an error by its code; without one, list all", "archc help-error E0101",
                     [](CLI::App &app) { return setupHelp(app, "CODE", "The code, as in `[E0101]`", helpError); }});

} // namespace archc::driver
