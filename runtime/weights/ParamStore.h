//===- ParamStore.h - A model's parameters in canonical layout ------------===//

#ifndef ARCHRT_WEIGHTS_PARAMSTORE_H
#define ARCHRT_WEIGHTS_PARAMSTORE_H

#include "runtime/abi/artifact_generated.h"
#include "runtime/core/AlignedBuffer.h"
#include "runtime/core/MappedFile.h"
#include "runtime/weights/Safetensors.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace archrt {

/// One pointer per parameter of the model, in its order; each 64-byte aligned, in the parameter's dtype.
class ParamStore {
public:
  /// All parameters zero.
  static Result<std::shared_ptr<ParamStore>> allocate(const abi::Model &model);

  const void *data(size_t param) const { return pointers[param]; }
  /// Null when the parameter lies in a mapped file.
  void *mutableData(size_t param) { return writable[param] ? const_cast<void *>(pointers[param]) : nullptr; }
  size_t size() const { return pointers.size(); }
  size_t byteSize(size_t param) const { return sizes[param]; }

private:
  friend class WeightImporter;
  Status allocateAt(const std::vector<size_t> &params);

  std::vector<const void *> pointers;
  std::vector<size_t> sizes;
  std::vector<char> writable;
  AlignedBuffer memory;
  std::shared_ptr<MappedFile> file; // what pointers into a file keep alive
};

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
/// for one another, f16, bf16 and f64 converted to f32. A missing parameter of a partial import gets its initial values of seed 0 and is in the report.
Result<std::shared_ptr<ParamStore>> importWeights(const SafetensorsFile &file, const abi::Model &model,
                                                  const ImportOptions &options, ImportReport &report);

} // namespace archrt

#endif // ARCHRT_WEIGHTS_PARAMSTORE_H
