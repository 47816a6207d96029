#include "runtime/core/Hash.h"

// Compiled in: the shared library then needs no libxxhash at run time.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstdio>
#include <sys/mman.h>
#include <vector>

namespace archrt {

abi::Hash128 hash128(ByteView bytes) {
  XXH128_hash_t hash = XXH3_128bits(bytes.data, bytes.size);
  return {hash.low64, hash.high64};
}

/// Only whole pages inside: the others belong to somebody else, too.
static void dropPages(ByteView bytes) {
  constexpr uintptr_t page = 4096;
  uintptr_t begin = (reinterpret_cast<uintptr_t>(bytes.data) + page - 1) / page * page;
  uintptr_t end = reinterpret_cast<uintptr_t>(bytes.data + bytes.size) / page * page;
  if (begin < end)
    madvise(reinterpret_cast<void *>(begin), end - begin, MADV_DONTNEED);
}

abi::Hash128 hashInParallel(ByteView bytes, ThreadPool &pool, AfterHashing then) {
  constexpr size_t piece = size_t(1) << 20;
  std::vector<abi::Hash128> hashes((bytes.size + piece - 1) / piece);
  auto lock = pool.lock();
  pool.parallelFor(static_cast<int64_t>(hashes.size()), 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) {
      ByteView part = bytes.slice(i * piece, std::min(piece, bytes.size - i * piece));
      hashes[i] = hash128(part);
      if (then == AfterHashing::DropPages)
        dropPages(part);
    }
  });
  return hash128({hashes.data(), hashes.size() * sizeof(abi::Hash128)});
}

std::string toHex(const abi::Hash128 &hash) {
  char text[33];
  std::snprintf(text, sizeof(text), "%016llx%016llx", static_cast<unsigned long long>(hash.high),
                static_cast<unsigned long long>(hash.low));
  return text;
}

} // namespace archrt
