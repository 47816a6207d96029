//===- Compile.cpp - archc compile ----------------------------------------===//

#include "frontend/print/Expand.h"
#include "runtime/core/AtomicFile.h"
#include "tools/driver/CompilerLibrary.h"
#include "tools/driver/Labels.h"
#include "tools/driver/ModelSource.h"
#include "tools/driver/SpecCommand.h"

#include <filesystem>
#include <iostream>

namespace archc::driver {
namespace {

struct CompileOptions {
  spec::LoadOptions spec;
  std::string output, targets = "cpu:host", labels, stopAfter, dumpDir;
  bool emulationCode = false;
  bool fuse = true, fold = true, train = false, dropPath = false, headDropout = false;
  std::string loss = "cross_entropy", checkpoints = "none";
};

/// What `--stop-after` takes: each phase that leaves a module to print.
std::vector<std::string> phasesToStopAfter() {
  std::vector<std::string> names = {
#define ARCHC_PHASE(ENUMERATOR, NAME, HELP) NAME,
#include "passes/Pipelines/Phases.def"
  };
  names.pop_back(); // the last one, `emit`, leaves the artifact
  return names;
}

/// The kind of target that goes through the phase to stop after, when there is none of it; else null.
const char *missingKind(const CompileRequest &request) {
  const char *kind = request.stopAfter == "lower-cpu" ? "cpu:" : request.stopAfter == "lower-cuda" ? "cuda:" : "";
  auto isOfKind = [&](const std::string &target) { return target.rfind(kind, 0) == 0; };
  return std::any_of(request.targets.begin(), request.targets.end(), isOfKind) ? nullptr : kind;
}

int runCompile(const CompileOptions &options) {
  spec::Architecture architecture;
  if (int status = loadOrReport(options.spec, architecture))
    return status;
  CompileRequest request;
  request.architecture = &architecture;
  request.specText = spec::expandedSpec(architecture);
  request.stopAfter = options.stopAfter;
  request.dumpDir = options.dumpDir;
  request.fuse = options.fuse;
  request.fold = options.fold;
  request.emulationCode = options.emulationCode;
  if (options.train)
    request.training = TrainingRequest{options.loss, options.checkpoints, options.dropPath, options.headDropout};
  if (!options.labels.empty()) {
    auto labels = readLabels(options.labels, architecture.classes);
    if (!labels.ok())
      return report(labels.status());
    request.labels = labels.take();
  }
  std::string error;
  if (ExitCode unusable = resolveTargets(options.targets, request.targets, error)) {
    std::cerr << error;
    return unusable;
  }
  if (const char *kind = missingKind(request)) {
    std::cerr << "error: no target goes through `" << request.stopAfter << "`; expected `" << kind << "…` in `--target`\n";
    return ExitUserError;
  }
  std::error_code failed;
  if (!options.dumpDir.empty() && !std::filesystem::create_directories(options.dumpDir, failed) && failed)
    return report(archrt::invalid("cannot make the folder `", options.dumpDir, "`: ", failed.message()));
  CompileReply reply;
  ExitCode status = compile(request, reply);
  std::cerr << reply.errors;
  if (status != ExitOk)
    return status;
  if (!options.stopAfter.empty()) {
    std::cout << reply.text;
    return ExitOk;
  }
  std::string path = options.output.empty() ? architecture.name + ".archx" : options.output;
  return report(archrt::writeFileAtomically(path, {archrt::ByteView(reply.artifact)}));
}

std::function<int()> setup(CLI::App &app) {
  auto options = std::make_shared<CompileOptions>();
  addSpecOptions(app, options->spec);
  app.add_option("-o,--output", options->output, "The artifact to write (default: NAME.archx)");
  app.add_option("--target", options->targets,
                 "What to compile for, a list: cpu:host, cpu:x86-64-v3, cpu:x86-64-v4, cuda:sm_80 and other chips")
      ->capture_default_str();
  app.add_option("--labels", options->labels, "A text file with one label per line, which goes into the artifact");
  app.add_option("--stop-after", options->stopAfter, "Print the IR after this phase")->check(CLI::IsMember(phasesToStopAfter()));
  app.add_option("--dump-dir", options->dumpDir, "Write the IR after every phase into this folder");
  app.add_flag("--emu-code", options->emulationCode, "Of GPU targets keep also what the emulator runs");
  app.add_flag("--fuse,!--keep-apart", options->fuse, "Whether ops share kernels (on)");
  app.add_flag("--fold,!--keep-affine", options->fold, "Whether scales and shifts move into weights (on)");
  app.add_flag("--train", options->train, "Also compile a training step: loss and gradients");
  app.add_option("--loss", options->loss, "What training minimises")
      ->check(CLI::IsMember({"cross_entropy", "bce"}))
      ->capture_default_str();
  app.add_option("--checkpoint-activations", options->checkpoints,
                 "Keep only the outputs of blocks or stages for the pass back, and compute the rest again")
      ->check(CLI::IsMember({"none", "block", "stage"}))
      ->capture_default_str();
  app.add_flag("--drop-path", options->dropPath, "Let training drop residual branches, image by image");
  app.add_flag("--head-dropout", options->headDropout, "Let training drop inputs of the last linear layer, one by one");
  return [options] { return runCompile(*options); };
}

const bool registered =
    registerCommand({"compile", "Compile a spec into an artifact",
                     "archc compile archs/caformer/s18.toml -o s18.archx --target cpu:x86-64-v3,cpu:x86-64-v4", setup});

} // namespace
} // namespace archc::driver
