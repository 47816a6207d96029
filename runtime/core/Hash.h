//===- Hash.h - XXH3-128, the hash of artifacts ---------------------------===//

#ifndef ARCHRT_CORE_HASH_H
#define ARCHRT_CORE_HASH_H

#include "runtime/abi/Container.h"
#include "runtime/core/ByteView.h"

#include <string>

namespace archrt {

abi::Hash128 hash128(ByteView bytes);

/// 32 hexadecimal digits, the high half first (as `xxhsum -H2` prints it).
std::string toHex(const abi::Hash128 &hash);

} // namespace archrt

#endif // ARCHRT_CORE_HASH_H
