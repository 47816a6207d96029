//===- Compile.cpp - archc compile ----------------------------------------===//

#include "tools/driver/CompilerLibrary.h"
#include "tools/driver/SpecCommand.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace archc::driver {
namespace {

struct CompileOptions {
  spec::LoadOptions spec;
  std::string output, targets = "cpu:host", stopAfter, dumpDir;
  bool fuse = true, fold = true;
};

/// Writes to a temporary file and renames, so that a full disk leaves no half artifact.
int writeFile(const std::string &path, const std::string &bytes) {
  std::string temporary = path + ".tmp";
  std::ofstream file(temporary, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file || std::rename(temporary.c_str(), path.c_str()) != 0) {
    std::cerr << "error: cannot write `" << path << "`: " << std::strerror(errno) << "\n";
    std::remove(temporary.c_str());
    return ExitFailure;
  }
  return ExitOk;
}

int runCompile(const CompileOptions &options) {
  spec::Architecture architecture;
  if (int status = loadOrReport(options.spec, architecture))
    return status;
  CompileRequest request;
  request.architecture = &architecture;
  request.stopAfter = options.stopAfter;
  request.dumpDir = options.dumpDir;
  request.fuse = options.fuse;
  request.fold = options.fold;
  std::string error;
  request.targets = resolveTargets(options.targets, error);
  if (request.targets.empty()) {
    std::cerr << error;
    return ExitUserError;
  }
  if (!options.dumpDir.empty())
    std::filesystem::create_directories(options.dumpDir);
  CompileReply reply;
  bool compiled = compile(request, reply);
  std::cerr << reply.errors;
  if (!compiled)
    return ExitUserError;
  if (!options.stopAfter.empty()) {
    std::cout << reply.text;
    return ExitOk;
  }
  return writeFile(options.output.empty() ? architecture.name + ".archx" : options.output, reply.artifact);
}

std::function<int()> setup(CLI::App &app) {
  auto options = std::make_shared<CompileOptions>();
  addSpecOptions(app, options->spec);
  app.add_option("-o,--output", options->output, "The artifact to write (default: NAME.archx)");
  app.add_option("--target", options->targets, "What to compile for, a list: cpu:host, cpu:x86-64-v3, cpu:x86-64-v4")
      ->capture_default_str();
  app.add_option("--stop-after", options->stopAfter,
                 "Print the IR after this phase: import expand simplify fold-weights fuse layout plan lower-cpu");
  app.add_option("--dump-dir", options->dumpDir, "Write the IR after every phase into this folder");
  app.add_flag("--fuse,!--keep-apart", options->fuse, "Whether ops share kernels (on)");
  app.add_flag("--fold,!--keep-affine", options->fold, "Whether scales and shifts move into weights (on)");
  return [options] { return runCompile(*options); };
}

const bool registered =
    registerCommand({"compile", "Compile a spec into an artifact",
                     "archc compile archs/caformer/s18.toml -o s18.archx --target cpu:x86-64-v3,cpu:x86-64-v4", setup});

} // namespace
} // namespace archc::driver
