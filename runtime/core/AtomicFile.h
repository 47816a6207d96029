//===- AtomicFile.h - A file appears whole or not at all ------------------===//

#ifndef ARCHRT_CORE_ATOMICFILE_H
#define ARCHRT_CORE_ATOMICFILE_H

#include "runtime/core/ByteView.h"
#include "runtime/core/Status.h"

#include <string>
#include <vector>

namespace archrt {

/// Whether a file must survive a power cut that comes right after it was written.
enum class Durability { Synced, Unsynced };

/// Writes the pieces one after the other to a temporary file beside `path`, syncs it and renames it to `path`.
Status writeFileAtomically(const std::string &path, const std::vector<ByteView> &pieces,
                           Durability durability = Durability::Synced);

/// Makes what was created, renamed or removed in `folder` survive a power cut.
Status syncFolder(const std::string &folder);

} // namespace archrt

#endif // ARCHRT_CORE_ATOMICFILE_H
