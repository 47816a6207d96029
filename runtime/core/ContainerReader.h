//===- ContainerReader.h - The sections of an artifact --------------------===//
//
// Checks every byte of the container that `abi/Container.h` fixes; what is inside the sections is checked by graph/.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_CORE_CONTAINERREADER_H
#define ARCHRT_CORE_CONTAINERREADER_H

#include "runtime/abi/Container.h"
#include "runtime/core/ByteView.h"
#include "runtime/core/Status.h"

#include <vector>

namespace archrt {

enum class HashCheck { On, Off };

struct Section {
  abi::SectionKind kind;
  uint64_t offset = 0; // in the file
  ByteView bytes;
  abi::Hash128 hash;
};

const char *sectionName(abi::SectionKind kind);

/// The sections in the order of the table. `file` must stay alive; sections point into it.
Result<std::vector<Section>> readContainer(ByteView file, HashCheck check = HashCheck::On);

} // namespace archrt

#endif // ARCHRT_CORE_CONTAINERREADER_H
