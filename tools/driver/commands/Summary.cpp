//===- Summary.cpp - archc summary ----------------------------------------===//

#include "frontend/print/Summary.h"
#include "frontend/cost/Costs.h"
#include "tools/driver/CompilerLibrary.h"
#include "tools/driver/PrintJson.h"
#include "tools/driver/SpecCommand.h"

#include <cstdio>
#include <iostream>
#include <memory>

namespace archc::driver {

namespace {

struct SummaryOptions {
  spec::LoadOptions load;
  bool json = false, train = false;
  std::vector<int64_t> batches = {1};
  std::vector<std::string> checkpoints = {"none", "block", "stage"};
  std::string memory = "auto";
};

/// What a training run holds at this batch size beside the optimizer's state.
struct StepMemory {
  int64_t batch;
  std::string checkpoints; // of activations
  int64_t activations, prepared, parameters, gradients;
  int64_t total() const { return activations + prepared + parameters + gradients; }
};

void printStep(const std::vector<StepMemory> &rows) {
  std::printf(
      "training step, in MiB, by what is kept for the pass back (`--checkpoint-activations`); the optimizer's state comes on "
      "top\n");
  std::printf("%6s %12s %12s %17s %11s %10s %10s\n", "batch", "checkpoints", "activations", "prepared weights", "parameters",
              "gradients", "total");
  constexpr double mib = 1 << 20;
  for (const StepMemory &row : rows)
    std::printf("%6lld %12s %12.1f %17.1f %11.1f %10.1f %10.1f\n", static_cast<long long>(row.batch), row.checkpoints.c_str(),
                row.activations / mib, row.prepared / mib, row.parameters / mib, row.gradients / mib, row.total() / mib);
}

void printStepJson(const std::string &summary, const std::vector<StepMemory> &rows) {
  auto json = nlohmann::ordered_json::parse(summary);
  for (const StepMemory &row : rows)
    json["training_step"].push_back({{"batch", row.batch},
                                     {"checkpoint_activations", row.checkpoints},
                                     {"activation_bytes", row.activations},
                                     {"prepared_weight_bytes", row.prepared},
                                     {"parameter_bytes", row.parameters},
                                     {"gradient_bytes", row.gradients},
                                     {"total_bytes", row.total()}});
  printJson(json);
}

/// One spec and what its compiler says.
class SummaryRun {
public:
  explicit SummaryRun(const SummaryOptions &options) : options(options) {}
  int run();

private:
  ExitCode plan(const std::optional<TrainingRequest> &training, CompileReply &reply) const;
  ExitCode planForward();
  ExitCode planSteps();

  const SummaryOptions &options;
  spec::Architecture architecture;
  spec::PeakMemory peak;
  std::vector<StepMemory> rows;
};

ExitCode SummaryRun::plan(const std::optional<TrainingRequest> &training, CompileReply &reply) const {
  ExitCode status = planMemory(architecture, training, reply);
  std::cerr << reply.errors;
  if (status != ExitOk)
    std::cerr << "note: `--memory=off` needs no compiler\n";
  return status;
}

ExitCode SummaryRun::planForward() {
  CompileReply reply;
  ExitCode status = plan(std::nullopt, reply);
  if (status == ExitOk)
    peak = spec::PlannedMemory{reply.arenaBytes, reply.arenaBound};
  return status;
}

/// A plan for each choice of checkpoints; batch by batch in the table.
ExitCode SummaryRun::planSteps() {
  const spec::Totals totals = spec::totalsOf(architecture);
  std::vector<CompileReply> replies;
  for (const std::string &checkpoints : options.checkpoints) {
    TrainingRequest training;
    training.checkpoints = checkpoints;
    if (ExitCode status = plan(training, replies.emplace_back()))
      return status;
  }
  peak = spec::PlannedMemory{replies.front().arenaBytes, replies.front().arenaBound};
  for (int64_t batch : options.batches)
    for (size_t i = 0; i < replies.size(); ++i)
      rows.push_back({batch, options.checkpoints[i], replies[i].stepBytes + batch * replies[i].stepBytesPerImage,
                      replies[i].stepPackedBytes, 4 * totals.params, 4 * totals.trainableParams});
  return ExitOk;
}

int SummaryRun::run() {
  if (int code = loadOrReport(options.load, architecture))
    return code;
  ExitCode status = options.memory == "off" ? ExitOk : options.train ? planSteps() : planForward();
  // The counts do not depend on the compiler and are shown in any case.
  std::string text = options.json ? spec::summaryJson(architecture, peak) : spec::summaryTable(architecture, peak);
  if (options.json && !rows.empty()) {
    printStepJson(text, rows);
    return status;
  }
  std::cout << text << std::flush;
  if (!rows.empty())
    printStep(rows);
  return status;
}

const bool registered = registerCommand(
    {"summary", "Show parameters, MACs, FLOPs, activations and peak memory, stage by stage",
     "archc summary caformer_s18 --set arch.input.height=384", [](CLI::App &app) -> std::function<int()> {
       auto options = std::make_shared<SummaryOptions>();
       addSpecOptions(app, options->load);
       app.add_flag("--json", options->json, "Print one JSON object");
       auto *train = app.add_flag("--train", options->train, "Also plan the training step and show what it holds in memory");
       app.add_option("--batch", options->batches, "Batch sizes of the training step, separated by commas")
           ->delimiter(',')
           ->capture_default_str()
           ->check(CLI::Range(1, 65536))
           ->needs(train);
       app.add_option("--checkpoint-activations", options->checkpoints,
                      "Choices to show, separated by commas: what the training step keeps for its pass back")
           ->delimiter(',')
           ->capture_default_str()
           ->check(CLI::IsMember({"none", "block", "stage"}))
           ->needs(train);
       app.add_option("--memory", options->memory, "`auto` opens the compiler to plan the peak memory, `off` leaves it out")
           ->check(CLI::IsMember({"auto", "off"}))
           ->capture_default_str();
       return [options] { return SummaryRun(*options).run(); };
     }});

} // namespace

} // namespace archc::driver
