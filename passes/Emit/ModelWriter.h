//===- ModelWriter.h - What the network means, for the artifact -----------===//

#ifndef ARCHC_PASSES_EMIT_MODELWRITER_H
#define ARCHC_PASSES_EMIT_MODELWRITER_H

#include "passes/Emit/GraphWriter.h"

#include "mlir/IR/BuiltinOps.h"

#include <string>
#include <vector>

namespace archc {

/// Facts of a model that no op carries.
struct ModelInfo {
  std::string name, spec, version, interpolation = "bicubic";
  int64_t classes = 0;
  double cropPct = 1.0;
  std::vector<double> mean, std;
  std::vector<std::string> labels; // empty, or one for each class
};

/// The section MODEL while it is written: plans refer to its locations, ops and values.
struct ModelSection {
  std::unique_ptr<archrt::abi::ModelT> model;
  LocationTable locations;
  WrittenGraph graph; // its function is in `model` already
  WrittenGraph grad;  // likewise; empty when the artifact does not train
};

/// Writes the parameters (`mf.params` of `module`) and the graph of `forward`, before any pass has touched it.
ModelSection writeModel(mlir::ModuleOp module, mlir::func::FuncOp forward, const ModelInfo &info);

/// Adds the graph of `grad`, as it is differentiated and before any pass has touched it.
void writeGradient(ModelSection &section, mlir::func::FuncOp grad);

} // namespace archc

#endif // ARCHC_PASSES_EMIT_MODELWRITER_H
