//===- Expand.cpp - archc expand ------------------------------------------===//

#include "frontend/print/Expand.h"
#include "tools/driver/SpecCommand.h"

#include <iostream>
#include <memory>

namespace archc::driver {

static int expand(const spec::LoadOptions &options) {
  spec::Architecture architecture;
  if (int code = loadOrReport(options, architecture))
    return code;
  std::cout << spec::expandedSpec(architecture);
  return ExitOk;
}

static const bool registered =
    registerCommand({"expand", "Print the spec with inheritance, overrides and alternation worked in",
                     "archc expand caformer_s18 --set stage.3.depth=12", [](CLI::App &app) -> std::function<int()> {
                       auto options = std::make_shared<spec::LoadOptions>();
                       addSpecOptions(app, *options);
                       return [options] { return expand(*options); };
                     }});

} // namespace archc::driver
