//===- ContainerWriter.h - Sections become the bytes of an artifact -------===//
//
// Used by the compiler's emit phase and by tests. The same sections give the same bytes.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_CORE_CONTAINERWRITER_H
#define ARCHRT_CORE_CONTAINERWRITER_H

#include "runtime/abi/Container.h"
#include "runtime/core/ByteView.h"

#include <string>
#include <vector>

namespace archrt {

class ContainerWriter {
public:
  /// Copies `bytes`; returns the section's index in the table (what `TargetPlan.code_section` holds).
  uint32_t addSection(abi::SectionKind kind, ByteView bytes);

  /// The whole file.
  std::string finish() const;

private:
  struct Pending {
    abi::SectionKind kind;
    std::string bytes;
  };
  std::vector<Pending> sections;
};

} // namespace archrt

#endif // ARCHRT_CORE_CONTAINERWRITER_H
