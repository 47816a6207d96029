//===- MappedFile.h - A whole file in memory, read-only -------------------===//

#ifndef ARCHRT_CORE_MAPPEDFILE_H
#define ARCHRT_CORE_MAPPEDFILE_H

#include "runtime/core/ByteView.h"
#include "runtime/core/Status.h"

#include <memory>
#include <string>

namespace archrt {

/// Which file it is and when it was last changed, as the file system says.
struct FileIdentity {
  uint64_t device = 0, inode = 0;
  int64_t modified = 0, changed = 0; // nanoseconds since 1970
  bool operator==(const FileIdentity &other) const {
    return device == other.device && inode == other.inode && modified == other.modified && changed == other.changed;
  }
};

/// `Whole` maps all pages at once, for a file of which every byte is read.
enum class Paging { OnDemand, Whole };

/// Page-aligned, mapped privately: later writes to the file may or may not be seen, a file that shrinks under us is not survived.
class MappedFile {
public:
  /// Refuses directories and other things that are not regular files. An empty file has empty bytes.
  static Result<std::shared_ptr<MappedFile>> open(const std::string &path, Paging paging = Paging::OnDemand);
  ~MappedFile();
  MappedFile(const MappedFile &) = delete;
  MappedFile &operator=(const MappedFile &) = delete;

  ByteView bytes() const { return {base, size}; }
  const std::string &path() const { return name; }
  const FileIdentity &identity() const { return about; }

private:
  MappedFile() = default;
  void *base = nullptr;
  size_t size = 0;
  std::string name;
  FileIdentity about;
};

} // namespace archrt

#endif // ARCHRT_CORE_MAPPEDFILE_H
