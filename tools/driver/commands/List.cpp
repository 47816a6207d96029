//===- List.cpp - archc list ----------------------------------------------===//

#include "tools/driver/SpecCommand.h"

#include <fnmatch.h>
#include <iostream>
#include <memory>

namespace archc::driver {

namespace {

struct ListOptions {
  std::string pattern = "*";
  bool paths = false, recipes = false;
};

int list(const ListOptions &options) {
  std::vector<spec::ShippedSpec> specs = options.recipes ? spec::shippedRecipes() : spec::shippedSpecs();
  std::string what = options.recipes ? "recipe" : "spec";
  if (specs.empty()) {
    std::cerr << "archc: error: no shipped " << what << "s are found; expected them in $ARCHC_ARCHS_DIR, or beside the program\n";
    return ExitUserError;
  }
  bool any = false;
  for (const spec::ShippedSpec &spec : specs) {
    if (fnmatch(options.pattern.c_str(), spec.name.c_str(), 0) != 0)
      continue;
    any = true;
    std::cout << spec.name << (options.paths ? "\t" + spec.path : "") << '\n';
  }
  if (any)
    return ExitOk;
  std::vector<std::string> names;
  for (const spec::ShippedSpec &spec : specs)
    names.push_back(spec.name);
  std::string near = spec::nearest(options.pattern, names);
  std::cerr << "archc: error: no shipped " << what << " matches `" << options.pattern << "`"
            << (near.empty() ? "" : "; did you mean `" + near + "`?") << '\n';
  return ExitUserError;
}

const bool registered = registerCommand(
    {"list", "List the shipped specs, or recipes; their names stand for their files", "archc list 'caformer*'",
     [](CLI::App &app) -> std::function<int()> {
       auto options = std::make_shared<ListOptions>();
       app.add_option("PATTERN", options->pattern, "Names to list, with the wildcards of a shell")->capture_default_str();
       app.add_flag("--recipes", options->recipes, "List the recipes instead");
       app.add_flag("--paths", options->paths, "Print the file of each, too");
       return [options] { return list(*options); };
     }});

} // namespace

} // namespace archc::driver
