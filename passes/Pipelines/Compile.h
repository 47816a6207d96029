//===- Compile.h - From the tensor-level module to an artifact ------------===//

#ifndef ARCHC_PASSES_PIPELINES_COMPILE_H
#define ARCHC_PASSES_PIPELINES_COMPILE_H

#include "passes/Emit/ModelWriter.h"
#include "passes/Emit/PlanWriter.h"

#include "mlir/IR/BuiltinOps.h"

#include <string>
#include <vector>

namespace archc {

/// A size that grows with the batch.
struct MemoryExtent {
  int64_t constant = 0, perImage = 0;
};

struct CompileOptions {
  std::vector<std::string> targets; // "cpu:x86-64-v3", "cuda:sm_80"
  std::string stopAfter;            // a phase of Phases.def; empty: all
  std::string dumpDir;              // IR after every phase is written here
  bool fuse = true, fold = true;
  bool train = false;                 // also compile `grad`
  std::string loss = "cross_entropy"; // or "bce"
  std::string checkpoints = "none";   // of activations: none, block or stage
  bool dropPath = false;              // whether residual branches may be dropped in training
  bool headDropout = false;           // and inputs of the last linear layer
  bool emulationCode = false;         // keep the code of GPU targets in the form that the emulator runs
  bool assemble = true;               // make cubins for GPU targets where there is a ptxas
  bool verifyEach = false;            // run verifiers after every pass
  ModelInfo info;
};

struct CompileResult {
  std::string artifact;    // the bytes; empty when stopped before `emit`
  std::string stoppedText; // the IR after the phase it stopped after
  std::vector<PassRemark> remarks;
  int64_t arenaBytes = 0;      // of one image, for the first target
  int64_t arenaBound = 0;      // the least that any arena needs for the order of its steps
  MemoryExtent stepArena;      // of the training step, for the first target
  int64_t stepPackedBytes = 0; // and its prepared weights
  bool cannotWrite = false;    // a dump could not be written, which is why it failed
};

/// Runs every phase behind `import` on `module`, which holds one `mf.arch`. Diagnostics go to the context's handlers.
mlir::LogicalResult compileModule(mlir::ModuleOp module, const CompileOptions &options, CompileResult &result);

} // namespace archc

#endif // ARCHC_PASSES_PIPELINES_COMPILE_H
