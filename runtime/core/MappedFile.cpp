#include "runtime/core/MappedFile.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace archrt {

namespace {
struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0)
      close(number);
  }
};
} // namespace

Result<std::shared_ptr<MappedFile>> MappedFile::open(const std::string &path, Paging paging) {
  Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.number < 0)
    return invalid("cannot open `", path, "`: ", std::strerror(errno));
  struct stat info;
  if (fstat(file.number, &info) != 0)
    return environmentError("cannot read `", path, "`: ", std::strerror(errno));
  if (!S_ISREG(info.st_mode))
    return invalid("`", path, "` is ", S_ISDIR(info.st_mode) ? "a directory" : "not a regular file", "; expected a file");

  std::shared_ptr<MappedFile> result(new MappedFile);
  result->name = path;
  result->size = static_cast<size_t>(info.st_size);
  auto nanoseconds = [](const timespec &time) { return int64_t(time.tv_sec) * 1'000'000'000 + time.tv_nsec; };
  result->about = {info.st_dev, info.st_ino, nanoseconds(info.st_mtim), nanoseconds(info.st_ctim)};
  if (result->size == 0)
    return result;
  void *base = mmap(nullptr, result->size, PROT_READ, MAP_PRIVATE | (paging == Paging::Whole ? MAP_POPULATE : 0), file.number, 0);
  if (base == MAP_FAILED)
    return environmentError("cannot map `", path, "`: ", std::strerror(errno));
  result->base = base;
  return result;
}

MappedFile::~MappedFile() {
  if (base)
    munmap(base, size);
}

} // namespace archrt
