//===- PackedCache.h - Packed weights kept for the next process -----------===//
//
// A folder of files, any of which may be deleted at any time:
//   KEY.packed    what `prepare` wrote for one plan and one content of weights, behind a page that says so
//   FILE.stamp    which content a weights file had, so that a file which has not changed since need not be read
// Nothing in the folder is believed: a file counts only if its header, key, size and hashes fit. Everything else is reported
// through the log, ignored and written anew. Not being able to write costs time, never a run.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_WEIGHTS_PACKEDCACHE_H
#define ARCHRT_WEIGHTS_PACKEDCACHE_H

#include "runtime/core/Hash.h"
#include "runtime/core/MappedFile.h"
#include "runtime/core/ThreadPool.h"
#include "runtime/weights/Safetensors.h"

#include <functional>
#include <memory>
#include <string>

namespace archrt {

/// Packed weights in a file; `bytes` begin on a page.
struct CachedWeights {
  std::shared_ptr<MappedFile> file; // keeps `bytes` alive; null when the cache has nothing
  ByteView bytes;
};

class PackedCache {
public:
  using Log = std::function<void(const std::string &message)>;

  /// `folder` is made when it is first written to; its parent must exist.
  PackedCache(std::string folder, ThreadPool &pool, Log log) : folder(std::move(folder)), pool(pool), log(std::move(log)) {}

  /// Of the whole file. Reads it only when no stamp says what it holds.
  abi::Hash128 contentOf(const SafetensorsFile &weights) const;

  /// The `size` bytes stored under `key`, their hash checked.
  CachedWeights load(const abi::Hash128 &key, size_t size) const;
  void store(const abi::Hash128 &key, ByteView bytes) const;

private:
  std::string pathOf(const abi::Hash128 &name, const char *ending) const;
  Status check(const MappedFile &file, const abi::Hash128 &key, size_t size) const;
  bool readStamp(const std::string &path, const FileIdentity &file, abi::Hash128 &content) const;
  void write(const std::string &path, const std::vector<ByteView> &pieces) const;

  std::string folder;
  ThreadPool &pool;
  Log log;
};

/// What a set of weights is, for a device that keeps what it makes of them.
struct WeightsOrigin {
  const PackedCache &cache;
  abi::Hash128 identity; // of content and of how names were mapped
};

} // namespace archrt

#endif // ARCHRT_WEIGHTS_PACKEDCACHE_H
