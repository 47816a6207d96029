//===- Summary.cpp - archc summary ----------------------------------------===//

#include "frontend/print/Summary.h"
#include "tools/driver/CompilerLibrary.h"
#include "tools/driver/SpecCommand.h"

#include <iostream>
#include <memory>

namespace archc::driver {

namespace {

struct SummaryOptions {
  spec::LoadOptions load;
  bool json = false;
  std::string memory = "auto";
};

int summarize(const SummaryOptions &options) {
  spec::Architecture architecture;
  if (int code = loadOrReport(options.load, architecture))
    return code;
  spec::PeakMemory peak;
  ExitCode status = ExitOk;
  if (options.memory != "off") {
    CompileReply reply;
    status = planMemory(architecture, reply);
    std::cerr << reply.errors;
    if (status == ExitOk)
      peak = spec::PlannedMemory{reply.arenaBytes, reply.arenaBound};
    else
      std::cerr << "note: `--memory=off` needs no compiler\n";
  }
  // The counts do not depend on the compiler and are shown in any case.
  std::cout << (options.json ? spec::summaryJson(architecture, peak) : spec::summaryTable(architecture, peak));
  return status;
}

const bool registered = registerCommand(
    {"summary", "Show parameters, MACs, FLOPs, activations and peak memory, stage by stage",
     "archc summary caformer_s18 --set arch.input.height=384", [](CLI::App &app) -> std::function<int()> {
       auto options = std::make_shared<SummaryOptions>();
       addSpecOptions(app, options->load);
       app.add_flag("--json", options->json, "Print one JSON object");
       app.add_option("--memory", options->memory, "`auto` opens the compiler to plan the peak memory, `off` leaves it out")
           ->check(CLI::IsMember({"auto", "off"}))
           ->capture_default_str();
       return [options] { return summarize(*options); };
     }});

} // namespace

} // namespace archc::driver
