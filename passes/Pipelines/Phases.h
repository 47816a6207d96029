//===- Phases.h - The table of phases -------------------------------------===//
//
// Phases.def is the table; flags, help, dumps and archc-opt's pipelines come from it.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_PASSES_PIPELINES_PHASES_H
#define ARCHC_PASSES_PIPELINES_PHASES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace mlir {
class OpPassManager;
}

namespace archc {

enum class Phase {
#define ARCHC_PHASE(ENUMERATOR, NAME, HELP) ENUMERATOR,
#include "passes/Pipelines/Phases.def"
};

struct PhaseRow {
  Phase phase;
  llvm::StringRef name, help;
  /// Appends the phase's passes to a pass manager on a module; null where a phase is no pass pipeline.
  void (*build)(mlir::OpPassManager &passes);
};

/// Every phase, in order.
llvm::ArrayRef<PhaseRow> phases();

/// Null when no phase has this name.
const PhaseRow *findPhase(llvm::StringRef name);

} // namespace archc

#endif // ARCHC_PASSES_PIPELINES_PHASES_H
