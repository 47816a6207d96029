//===- Check.cpp - archc check --------------------------------------------===//

#include "frontend/diagnostics/VerifyExpected.h"
#include "frontend/parse/Parse.h"
#include "frontend/recipe/LoadRecipe.h"
#include "tools/driver/SpecCommand.h"

#include <iostream>
#include <memory>

namespace archc::driver {

namespace {

struct CheckOptions {
  spec::LoadOptions load;
  bool json = false, verify = false, split = false;
};

/// Loads and looks at the budget, as a user's `check` does.
bool checkSpec(const spec::LoadOptions &load, spec::DiagnosticEngine &diagnostics) {
  if (recipe::isRecipe(load)) {
    recipe::Recipe recipe;
    return recipe::loadRecipe(load, recipe, diagnostics);
  }
  spec::Architecture architecture;
  return spec::loadArchitecture(load, architecture, diagnostics) && spec::checkBudget(architecture, diagnostics);
}

/// Every part of the file against its `# expected-error` comments.
int verifyParts(const CheckOptions &options) {
  spec::DiagnosticEngine reading;
  std::optional<uint32_t> file = spec::readSpecFile(options.load.spec, {}, reading);
  std::vector<std::string> parts(1);
  if (file && options.split)
    parts = spec::splitInput(reading.fileText(*file));
  size_t complaints = 0;
  for (const std::string &part : parts) {
    spec::LoadOptions load = options.load;
    if (file && options.split)
      load.text = part;
    spec::DiagnosticEngine diagnostics;
    checkSpec(load, diagnostics);
    for (const std::string &complaint : spec::verifyExpected(diagnostics)) {
      std::cerr << complaint << '\n';
      ++complaints;
    }
  }
  return complaints ? ExitUserError : ExitOk;
}

int check(const CheckOptions &options) {
  if (options.verify)
    return verifyParts(options);
  spec::DiagnosticEngine diagnostics;
  checkSpec(options.load, diagnostics);
  if (options.json)
    std::cout << diagnostics.json() << '\n';
  else
    diagnostics.print(std::cerr);
  return diagnostics.exitCode();
}

const bool registered = registerCommand(
    {"check", "Report everything that is wrong in a spec or a recipe, and whether a spec's budget is met",
     "archc check archs/caformer/s18.toml", [](CLI::App &app) -> std::function<int()> {
       auto options = std::make_shared<CheckOptions>();
       addSpecOptions(app, options->load);
       app.add_flag("--json", options->json, "Print the problems as a JSON array to stdout");
       auto *verify = app.add_flag("--verify-diagnostics", options->verify,
                                   "Compare the problems with `# expected-error` comments in the spec");
       app.add_flag("--split-input-file", options->split, "Check the parts between `# -----` lines one by one")->needs(verify);
       return [options] { return check(*options); };
     }});

} // namespace

} // namespace archc::driver
