//===- ImportWeights.h - Tensors of a file become a model's parameters ----===//

#ifndef ARCHRT_WEIGHTS_IMPORTWEIGHTS_H
#define ARCHRT_WEIGHTS_IMPORTWEIGHTS_H

#include "runtime/weights/ParamStore.h"
#include "runtime/weights/Safetensors.h"

#include <string>
#include <vector>

namespace archrt {

struct ImportOptions {
  bool partial = false;         // accept missing and unused names
  std::string mapping = "auto"; // or a name of nameMappings()
};

/// What an import did with each name; filled also when the import fails.
struct ImportReport {
  struct Row {
    std::string name;   // of the parameter, or of the file's tensor for `unused`
    std::string source; // the file's name for it, when another
    std::string detail; // "F16 -> F32", "[64, 64] -> [64, 64, 1, 1]"
  };
  std::string mapping;
  std::vector<Row> used, unused, missing, reshaped, cast;

  bool exact() const { return unused.empty() && missing.empty(); }
};

/// Parameters of `model` from the tensors of `file`: names through a mapping, Linear [o, i] and 1x1 convolution [o, i, 1, 1] taken
/// for one another, f16, bf16 and f64 converted to f32 when they are read. A missing parameter of a partial import gets its initial values of seed 0 and is in the report.
Result<std::shared_ptr<ParamStore>> importWeights(const SafetensorsFile &file, const abi::Model &model,
                                                  const ImportOptions &options, ImportReport &report);

} // namespace archrt

#endif // ARCHRT_WEIGHTS_IMPORTWEIGHTS_H
