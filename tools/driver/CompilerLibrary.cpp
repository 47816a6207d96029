#include "tools/driver/CompilerLibrary.h"

#include "frontend/Frontend.h"
#include "frontend/print/Expand.h"
#include "runtime/device/cpu/HostIsa.h"

#include <algorithm>
#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
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

static std::string hostTarget() {
  auto level = archrt::hostIsaLevel();
  if (!level || *level < archrt::IsaLevel::V3)
    return {};
  return std::string("cpu:") + archrt::isaName(std::min(*level, archrt::IsaLevel::V4));
}

std::vector<std::string> resolveTargets(const std::string &list, std::string &error) {
  std::vector<std::string> targets;
  std::stringstream stream(list);
  for (std::string name; std::getline(stream, name, ',');) {
    if (name == "cpu:host" && (name = hostTarget()).empty()) {
      error = "error: this host has no AVX2, which is the least a CPU target needs; name a target with `--target`\n";
      return {};
    }
    if (name != "cpu:x86-64-v3" && name != "cpu:x86-64-v4") {
      error = "error: unknown target `" + name + "`; expected `cpu:host`, `cpu:x86-64-v3` or `cpu:x86-64-v4`\n";
      return {};
    }
    if (std::find(targets.begin(), targets.end(), name) == targets.end())
      targets.push_back(name);
  }
  if (targets.empty())
    error = "error: no target given; expected a list such as `cpu:host`\n";
  return targets;
}

bool compile(const CompileRequest &request, CompileReply &reply) {
  CompileFunction compiler = loadCompiler(reply.errors);
  return compiler && compiler(request, reply);
}

std::optional<int64_t> plannedPeakMemory(const spec::Architecture &architecture) {
  CompileRequest request;
  CompileReply reply;
  std::string error;
  request.architecture = &architecture;
  request.stopAfter = "plan";
  request.targets = resolveTargets("cpu:host", error);
  if (request.targets.empty() || !compile(request, reply))
    return std::nullopt;
  return reply.arenaBytes;
}

bool compileToArtifact(const std::string &specOrName, const std::vector<std::string> &sets, const std::string &targets,
                       std::string &artifact, std::string &errors) {
  spec::Architecture architecture;
  spec::DiagnosticEngine diagnostics;
  spec::LoadOptions options;
  options.spec = specOrName;
  options.sets = sets;
  if (!spec::loadArchitecture(options, architecture, diagnostics)) {
    std::ostringstream text;
    diagnostics.print(text);
    errors = text.str();
    return false;
  }
  CompileRequest request;
  request.architecture = &architecture;
  request.specText = spec::expandedSpec(architecture);
  request.targets = resolveTargets(targets, errors);
  CompileReply reply;
  if (request.targets.empty())
    return false;
  if (!compile(request, reply)) {
    errors = reply.errors;
    return false;
  }
  artifact = std::move(reply.artifact);
  return true;
}

} // namespace archc::driver
