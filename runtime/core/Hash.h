//===- Hash.h - XXH3-128, the hash of artifacts ---------------------------===//

#ifndef ARCHRT_CORE_HASH_H
#define ARCHRT_CORE_HASH_H

#include "runtime/abi/Container.h"
#include "runtime/core/ByteView.h"
#include "runtime/core/ThreadPool.h"

#include <string>

namespace archrt {

abi::Hash128 hash128(ByteView bytes);

enum class AfterHashing { KeepPages, DropPages };

/// The hash of the hashes of all pieces of 1 MB: another number than hash128's, the same for any number of threads. `DropPages`
/// lets go of a mapped file's pages piece by piece, so that a file larger than memory can be hashed.
abi::Hash128 hashInParallel(ByteView bytes, ThreadPool &pool, AfterHashing then = AfterHashing::KeepPages);

/// 32 hexadecimal digits, the high half first (as `xxhsum -H2` prints it).
std::string toHex(const abi::Hash128 &hash);

} // namespace archrt

#endif // ARCHRT_CORE_HASH_H
