#include "runtime/core/Hash.h"

// Compiled in: the shared library then needs no libxxhash at run time.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstdio>

namespace archrt {

abi::Hash128 hash128(ByteView bytes) {
  XXH128_hash_t hash = XXH3_128bits(bytes.data, bytes.size);
  return {hash.low64, hash.high64};
}

std::string toHex(const abi::Hash128 &hash) {
  char text[33];
  std::snprintf(text, sizeof(text), "%016llx%016llx", static_cast<unsigned long long>(hash.high),
                static_cast<unsigned long long>(hash.low));
  return text;
}

} // namespace archrt
