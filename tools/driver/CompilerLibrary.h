//===- CompilerLibrary.h - The compiler, opened when a command needs it ---===//
//
// Loading MLIR costs tens of milliseconds, so `archc` does not link it: the compiler is a library of its own, libarchc-compiler,
// found beside the program (../lib) or through ARCHC_COMPILER.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_TOOLS_DRIVER_COMPILERLIBRARY_H
#define ARCHC_TOOLS_DRIVER_COMPILERLIBRARY_H

#include "frontend/model/Architecture.h"

#include <optional>
#include <string>
#include <vector>

namespace archc::driver {

struct CompileRequest {
  const spec::Architecture *architecture = nullptr;
  std::vector<std::string> targets; // "cpu:x86-64-v3"; resolveTargets() makes them
  std::string stopAfter, dumpDir, specText;
  bool fuse = true, fold = true;
};

struct CompileReply {
  std::string artifact;   // bytes; empty when stopped before the last phase
  std::string text;       // the IR of the phase it stopped after
  std::string errors;     // diagnostics
  int64_t arenaBytes = 0; // activations of one image, for the first target
};

/// The entry of the library; same compiler and flags on both sides.
using CompileFunction = bool (*)(const CompileRequest &, CompileReply &);
constexpr const char *kCompileSymbol = "archc_compile";

/// A list like "cpu:host,cpu:x86-64-v3" with `host` replaced by the highest level that this host has. Empty and a message in
/// `error` when a name is unknown or the host has none.
std::vector<std::string> resolveTargets(const std::string &list, std::string &error);

/// False with `reply.errors` filled when the library is missing or compilation failed.
bool compile(const CompileRequest &request, CompileReply &reply);

/// Loads the spec (a path or a shipped name), applies `sets`, compiles. Errors are printed text.
bool compileToArtifact(const std::string &specOrName, const std::vector<std::string> &sets, const std::string &targets,
                       std::string &artifact, std::string &errors);

/// The planned arena at batch 1 for the host, without weights; empty when the compiler is not there or fails.
std::optional<int64_t> plannedPeakMemory(const spec::Architecture &architecture);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_COMPILERLIBRARY_H
