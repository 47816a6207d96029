//===- ParamStore.h - A model's parameters in canonical layout ------------===//
//
// A parameter is either in memory of the store's own, or still in the file that it comes from and converted when it is read: preparing
// the kernels' weights then needs the file's pages of one tensor at a time, not a second copy of the network.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_WEIGHTS_PARAMSTORE_H
#define ARCHRT_WEIGHTS_PARAMSTORE_H

#include "runtime/abi/artifact_generated.h"
#include "runtime/core/AlignedBuffer.h"
#include "runtime/core/MappedFile.h"
#include "runtime/weights/Initialize.h"

#include <memory>
#include <string>
#include <vector>

namespace archrt {

class ParamStore {
public:
  /// Where a parameter comes from.
  struct Source {
    std::string dtype; // the file's, "" when the file lacks the parameter: then its initial values of seed 0
    ByteView bytes;
  };

  /// All parameters zero, in memory.
  static Result<std::shared_ptr<ParamStore>> allocate(const abi::Model &model);
  /// Parameters that are read when they are wanted. `file` keeps their bytes alive; when it is null the caller does.
  static std::shared_ptr<ParamStore> fromSources(const abi::Model &model, std::vector<Source> sources,
                                                 std::shared_ptr<MappedFile> file);

  /// The same parameters, all in memory.
  Result<std::shared_ptr<ParamStore>> materialize() const;

  size_t size() const { return entries.size(); }
  size_t byteSize(size_t param) const { return entries[param].bytes; }
  /// 64-byte aligned, in the parameter's dtype; null when it is not in memory.
  const void *data(size_t param) const { return entries[param].memory; }
  void *mutableData(size_t param) { return entries[param].memory; }
  /// Writes byteSize(param) bytes; converts what the file has in another dtype.
  Status read(size_t param, void *out) const;
  /// The file's pages of this parameter need not stay in memory.
  void discard(size_t param) const;

private:
  struct Entry {
    std::string name;
    std::vector<int64_t> shape;
    bool isInteger = false; // i64, else f32
    Initializer initial;
    size_t bytes = 0;
    void *memory = nullptr;
    Source source;
  };

  static std::shared_ptr<ParamStore> describe(const abi::Model &model);
  Status allocateMemory();

  std::vector<Entry> entries;
  AlignedBuffer arena;
  std::shared_ptr<MappedFile> file;
};

} // namespace archrt

#endif // ARCHRT_WEIGHTS_PARAMSTORE_H
