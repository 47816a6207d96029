//===- MappedFile.h - A whole file in memory, read-only -------------------===//

#ifndef ARCHRT_CORE_MAPPEDFILE_H
#define ARCHRT_CORE_MAPPEDFILE_H

#include "runtime/core/ByteView.h"
#include "runtime/core/Status.h"

#include <memory>
#include <string>

namespace archrt {

/// Page-aligned, mapped privately: later writes to the file may or may not be seen, a file that shrinks under us is not survived.
class MappedFile {
public:
  /// Refuses directories and other things that are not regular files. An empty file has empty bytes.
  static Result<std::shared_ptr<MappedFile>> open(const std::string &path);
  ~MappedFile();
  MappedFile(const MappedFile &) = delete;
  MappedFile &operator=(const MappedFile &) = delete;

  ByteView bytes() const { return {base, size}; }
  const std::string &path() const { return name; }

private:
  MappedFile() = default;
  void *base = nullptr;
  size_t size = 0;
  std::string name;
};

} // namespace archrt

#endif // ARCHRT_CORE_MAPPEDFILE_H
