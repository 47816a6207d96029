//===- Phases.h - The table of phases -------------------------------------===//
//
// Phases.def is the table; flags, help, dumps and archc-opt's pipelines come from it.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_PASSES_PIPELINES_PHASES_H
#define ARCHC_PASSES_PIPELINES_PHASES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <string>
#include <vector>

namespace mlir {
class OpPassManager;
}

namespace archc {

enum class Phase {
#define ARCHC_PHASE(ENUMERATOR, NAME, HELP) ENUMERATOR,
#include "passes/Pipelines/Phases.def"
};

/// What phases need to know beyond the module. From `Fuse` on they run once per target.
struct PhaseOptions {
  std::string target = "cpu:x86-64-v3";
  std::vector<double> mean, std; // of the input's channels
  bool fuse = true, fold = true;
  bool train = false;               // whether there is a function `grad`
  std::string loss;                 // of `grad`: cross_entropy or bce
  std::string checkpoints = "none"; // of activations: none, block or stage
  bool dropPath = false;            // whether `grad` takes factors of residual branches
  bool headDropout = false;         // and of what the last linear layer reads
};

struct PhaseRow {
  Phase phase;
  llvm::StringRef name, help;
  /// Appends the phase's passes to a pass manager on a module; null where a phase is no pass pipeline.
  void (*build)(mlir::OpPassManager &passes, const PhaseOptions &options);
};

/// Every phase, in order.
llvm::ArrayRef<PhaseRow> phases();

/// Null when no phase has this name.
const PhaseRow *findPhase(llvm::StringRef name);

} // namespace archc

#endif // ARCHC_PASSES_PIPELINES_PHASES_H
