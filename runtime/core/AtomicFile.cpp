#include "runtime/core/AtomicFile.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace archrt {

static bool writeAll(int file, ByteView bytes) {
  while (bytes.size > 0) {
    ssize_t written = write(file, bytes.data, bytes.size);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return false;
    bytes = bytes.slice(written, bytes.size - written);
  }
  return true;
}

Status syncFolder(const std::string &folder) {
  int file = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool ok = file >= 0 && fsync(file) == 0;
  int error = errno;
  if (file >= 0)
    close(file);
  return ok ? Status() : environmentError("cannot sync `", folder, "`: ", std::strerror(error));
}

static std::string folderOf(const std::string &path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

Status writeFileAtomically(const std::string &path, const std::vector<ByteView> &pieces, Durability durability) {
  static std::atomic<unsigned> counter{0};
  // A device or pipe (`/dev/stdout`) cannot be replaced by a rename and is written to directly.
  struct stat info;
  bool inPlace = stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode);
  if (inPlace && S_ISDIR(info.st_mode))
    return invalid("cannot write `", path, "`: it is a directory");
  std::string target = inPlace ? path : concat(path, ".tmp.", getpid(), ".", counter++);
  int file = open(target.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (inPlace ? 0 : O_EXCL), 0666);
  if (file < 0) {
    ErrorCode code = errno == ENOENT || errno == ENOTDIR || errno == EACCES ? ErrorCode::Input : ErrorCode::Environment;
    return {code, concat("cannot write `", path, "`: ", std::strerror(errno))};
  }
  bool ok = true;
  for (const ByteView &piece : pieces)
    ok = ok && writeAll(file, piece);
  bool sync = !inPlace && durability == Durability::Synced;
  ok = ok && (!sync || fsync(file) == 0);
  int error = errno;
  if (close(file) != 0 && ok) {
    ok = false;
    error = errno;
  }
  if (ok && !inPlace && rename(target.c_str(), path.c_str()) != 0) {
    ok = false;
    error = errno;
  }
  if (ok) {
    // The file is good even when this fails, so it is not an error here.
    if (sync)
      (void)syncFolder(folderOf(path));
    return {};
  }
  if (!inPlace)
    unlink(target.c_str());
  return environmentError("cannot write `", path, "`: ", std::strerror(error));
}

} // namespace archrt
