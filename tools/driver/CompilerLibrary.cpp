#include "tools/driver/CompilerLibrary.h"

#include "frontend/Frontend.h"
#include "frontend/print/Expand.h"
#include "tools/driver/Reproducer.h"

#include <algorithm>
#include <cstdlib>
#include <dlfcn.h>
#include <exception>
#include <filesystem>
#include <new>
#include <sstream>

namespace archc::driver {

static constexpr const char *kLibraryName = "libarchc-compiler.so";

/// ARCHC_COMPILER, else ../lib beside the program.
static std::string libraryPath() {
  if (const char *path = std::getenv("ARCHC_COMPILER"))
    return path;
  std::error_code ignored;
  std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return program.parent_path().parent_path() / "lib" / kLibraryName;
}

static CompileFunction loadCompiler(std::string &error) {
  static void *library = dlopen(libraryPath().c_str(), RTLD_NOW | RTLD_LOCAL);
  void *symbol = library ? dlsym(library, kCompileSymbol) : nullptr;
  if (!symbol) {
    const char *reason = dlerror();
    error = "error: cannot open the compiler library `" + libraryPath() + "`: " + (reason ? reason : "not loaded") + "\n";
  }
  return reinterpret_cast<CompileFunction>(symbol);
}

static std::string hostTarget(std::optional<archrt::IsaLevel> host) {
  if (!host || *host < archrt::IsaLevel::V3)
    return {};
  return std::string("cpu:") + archrt::isaName(std::min(*host, archrt::IsaLevel::V4));
}

ExitCode resolveTargets(const std::string &list, std::vector<std::string> &targets, std::string &error,
                        std::optional<archrt::IsaLevel> host) {
  targets.clear();
  std::stringstream stream(list);
  for (std::string name; std::getline(stream, name, ',');) {
    if (name == "cpu:host" && (name = hostTarget(host)).empty()) {
      error =
          "error: this machine has no AVX2 with FMA, which is the least that kernels are made for; name the target of another "
          "one with `--target`\n";
      return ExitNoTarget;
    }
    static const std::vector<std::string> known = {"cpu:x86-64-v3", "cpu:x86-64-v4", "cuda:sm_80",  "cuda:sm_86", "cuda:sm_89",
                                                   "cuda:sm_90",    "cuda:sm_90a",   "cuda:sm_100", "cuda:sm_120"};
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      error = "error: unknown target `" + name +
              "`; expected `cpu:host`, `cpu:x86-64-v3`, `cpu:x86-64-v4` or a GPU: `cuda:sm_80`, " +
              "`sm_86`, `sm_89`, `sm_90`, `sm_90a`, `sm_100`, `sm_120`\n";
      return ExitUserError;
    }
    if (std::find(targets.begin(), targets.end(), name) == targets.end())
      targets.push_back(name);
  }
  if (!targets.empty())
    return ExitOk;
  error = "error: no target given; expected a list such as `cpu:host`\n";
  return ExitUserError;
}

/// What is thrown in the library comes from the frontend's or the standard library's code; LLVM's has no exceptions.
static bool runCompiler(CompileFunction compiler, const CompileRequest &request, CompileReply &reply) {
  try {
    return compiler(request, reply);
  } catch (const std::bad_alloc &) {
    throw; // the environment's, not ours
  } catch (const std::exception &error) {
    reply.errors += std::string("error: ") + error.what() + "\n";
    return false;
  }
}

ExitCode compile(const CompileRequest &request, CompileReply &reply) {
  if (request.training)
    for (const std::string &target : request.targets)
      if (target.rfind("cuda:", 0) == 0) {
        reply.errors += "error: no GPU kernels that train yet: `" + target + "` runs inference only; expected `cpu:` targets\n";
        return ExitUserError;
      }
  CompileFunction compiler = loadCompiler(reply.errors);
  if (!compiler)
    return ExitFailure;
  Reproducer reproducer(request);
  CrashGuard guard(reproducer);
  if (runCompiler(compiler, request, reply))
    return ExitOk;
  if (!reply.cannotWrite)
    reply.errors += reproducer.write() ? reproducer.message() : reproducer.messageUnwritten();
  return ExitFailure;
}

ExitCode planMemory(const spec::Architecture &architecture, const std::optional<TrainingRequest> &training, CompileReply &reply) {
  CompileRequest request;
  request.architecture = &architecture;
  request.specText = spec::expandedSpec(architecture);
  request.stopAfter = "plan";
  request.training = training;
  std::string noTarget;
  if (resolveTargets("cpu:host", request.targets, noTarget) != ExitOk)
    request.targets = {"cpu:x86-64-v3"}; // a plan needs no machine to run it
  return compile(request, reply);
}

ExitCode compileToArtifact(const SpecSource &source, std::string &artifact, std::string &errors) {
  spec::Architecture architecture;
  spec::DiagnosticEngine diagnostics;
  spec::LoadOptions options;
  options.spec = source.spec;
  options.sets = source.sets;
  if (!spec::loadArchitecture(options, architecture, diagnostics)) {
    std::ostringstream text;
    diagnostics.print(text);
    errors = text.str();
    return static_cast<ExitCode>(diagnostics.exitCode());
  }
  CompileRequest request;
  request.architecture = &architecture;
  request.specText = spec::expandedSpec(architecture);
  if (ExitCode status = resolveTargets(source.targets, request.targets, errors))
    return status;
  request.emulationCode = source.emulationCode;
  request.assemble = !source.emulationCode;
  if (source.train)
    request.training.emplace();
  CompileReply reply;
  ExitCode status = compile(request, reply);
  errors = reply.errors;
  artifact = std::move(reply.artifact);
  return status;
}

} // namespace archc::driver
