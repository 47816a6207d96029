//===- CompilerLibrary.h - The compiler, opened when a command needs it ---===//
//
// Loading MLIR costs tens of milliseconds, so `archc` does not link it: the compiler is a library of its own, libarchc-compiler,
// found beside the program (../lib) or through ARCHC_COMPILER.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_TOOLS_DRIVER_COMPILERLIBRARY_H
#define ARCHC_TOOLS_DRIVER_COMPILERLIBRARY_H

#include "frontend/model/Architecture.h"
#include "runtime/device/cpu/HostIsa.h"
#include "tools/driver/ExitCode.h"

#include <optional>
#include <string>
#include <vector>

namespace archc::driver {

/// What the training step of an artifact does; the rest of a recipe is the runtime's.
struct TrainingRequest {
  std::string loss = "cross_entropy"; // or "bce"
  std::string checkpoints = "none";   // of activations: none, block or stage
  bool dropPath = false;              // whether residual branches can be left out
  bool headDropout = false;           // and inputs of the last linear layer
};

struct CompileRequest {
  const spec::Architecture *architecture = nullptr;
  std::vector<std::string> targets; // "cpu:x86-64-v3", "cuda:sm_80"; resolveTargets() makes them
  std::string stopAfter, dumpDir, specText;
  std::vector<std::string> labels; // of the classes; may be empty
  bool fuse = true, fold = true;
  bool emulationCode = false;              // of GPU targets: also what the emulator runs
  bool assemble = true;                    // of GPU targets: cubins, where there is a ptxas
  std::optional<TrainingRequest> training; // also compile the step
};

struct CompileReply {
  std::string artifact;                         // bytes; empty when stopped before the last phase
  std::string text;                             // the IR of the phase it stopped after
  std::string errors;                           // diagnostics
  int64_t arenaBytes = 0;                       // activations of one image, for the first target
  int64_t arenaBound = 0;                       // what the order of its steps needs at least
  int64_t stepBytes = 0, stepBytesPerImage = 0; // activations of the training step, for the first target
  int64_t stepPackedBytes = 0;                  // and its prepared weights
  bool cannotWrite = false;                     // it failed because a file of `dumpDir` cannot be written: no bug of ours
};

/// The entry of the library; same compiler and flags on both sides.
using CompileFunction = bool (*)(const CompileRequest &, CompileReply &);
constexpr const char *kCompileSymbol = "archc_compile";

/// Into `targets` a list like "cpu:host,cpu:x86-64-v3", with `host` replaced by the highest level that this host has. ExitUserError
/// when a name is unknown, ExitNoTarget when the host has no level that kernels are made for; `error` says so.
ExitCode resolveTargets(const std::string &list, std::vector<std::string> &targets, std::string &error,
                        std::optional<archrt::IsaLevel> host = archrt::hostIsaLevel());

/// ExitFailure with `reply.errors` filled when the library is missing or the compiler fails. Every spec that passed the checks can be
/// compiled, so that a failure is a bug of ours: `reply.errors` then names a reproducer. A crash ends the process in the same way.
ExitCode compile(const CompileRequest &request, CompileReply &reply);

/// What to compile into an artifact.
struct SpecSource {
  std::string spec; // a path or a shipped name
  std::vector<std::string> sets;
  std::string targets = "cpu:host";
  bool train = false;
  bool emulationCode = false; // of GPU targets: also what the emulator runs
};

/// Loads the spec, applies its `sets`, compiles. Errors are printed text.
ExitCode compileToArtifact(const SpecSource &source, std::string &artifact, std::string &errors);

/// Compiles as far as the plan, whose arenas are what `reply` tells: for this host, or for the least target where it has none.
ExitCode planMemory(const spec::Architecture &architecture, const std::optional<TrainingRequest> &training, CompileReply &reply);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_COMPILERLIBRARY_H
