//===- Train.cpp - archc train --------------------------------------------===//

#include "tools/driver/ModelSource.h"
#include "tools/driver/StopSignal.h"
#include "tools/driver/TrainProgress.h"
#include "tools/driver/TrainRun.h"

#include <iostream>
#include <unistd.h>

namespace archc::driver {
namespace {

int train(const TrainCommand &command) {
  TrainRun run(command);
  if (archrt::Status status = run.prepare(); !status.ok())
    return report(status);
  std::cout << run.summary() << std::flush;
  TrainProgress progress(isatty(STDERR_FILENO) != 0, run.peakSpeed());
  StopSignal signal;
  auto end = run.train(progress, StopSignal::flag());
  progress.clear();
  if (!end.ok())
    return report(end.status());
  if (*end == archrt::train::TrainEnd::Interrupted) {
    std::cerr << "note: saved after update " << run.progress().update << "; go on with `archc train --resume " << run.folder()
              << "`\n";
    return ExitInterrupted;
  }
  if (run.progress().bestEpoch >= 0)
    std::cout << "best epoch: " << run.progress().bestEpoch + 1 << ", in `" << run.folder() << "/checkpoints/best`\n";
  return ExitOk;
}

std::function<int()> setup(CLI::App &app) {
  auto command = std::make_shared<TrainCommand>();
  app.add_option("SPEC", command->spec, "A spec file, or the name of a shipped spec");
  app.add_option("--recipe", command->recipe, "A recipe file, or the name of a shipped recipe");
  app.add_option("--data", command->data, "`fashion-mnist`, or the folder of a data set");
  app.add_option("--out", command->out, "The folder of the run (default: runs/NAME)");
  app.add_option("--set", command->sets,
                 "Change a key of the recipe or of the spec: `--set optimizer.rate=1e-3`; may be given more than once")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  app.add_option("--epochs", command->epochs, "Epochs of the schedule (default: the recipe's)")->check(CLI::PositiveNumber);
  app.add_option("--seed", command->seed, "Of all random numbers (default: the recipe's)")->check(CLI::NonNegativeNumber);
  app.add_option("--resume", command->resume, "Go on with the run in this folder");
  app.add_option("--init-from", command->initFrom, "Begin with the weights of this safetensors file");
  app.add_option("--names", command->names, "How that file names its tensors: auto, timm, sail_metaformer, sail_poolformer")
      ->capture_default_str();
  app.add_flag("--reset-head", command->resetHead, "Take all weights but the head's from `--init-from`");
  app.add_option("--device", command->device, "cpu; reference: slow and obvious, in f64; reference-f32")
      ->check(CLI::IsMember({"cpu", "reference", "reference-f32"}));
  app.add_option("--target", command->target, "Compile for this target (default: the best that this machine runs)");
  app.add_option("--checkpoint-activations", command->checkpoints,
                 "Keep only the outputs of blocks or stages for the pass back, and compute the rest again (default: none)")
      ->check(CLI::IsMember({"none", "block", "stage"}));
  app.add_option("--threads", command->threads, "Threads to use (default: all CPUs given to this process)")
      ->check(CLI::Range(0, 1024));
  return [command] { return train(*command); };
}

const bool registered =
    registerCommand({"train", "Train a spec by a recipe",
                     "archc train caformer_tiny28 --recipe fashion_mnist --data fashion-mnist --out runs/a", setup});

} // namespace
} // namespace archc::driver
