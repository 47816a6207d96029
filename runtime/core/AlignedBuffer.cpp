#include "runtime/core/AlignedBuffer.h"

#include <cerrno>
#include <cstring>
#include <sys/mman.h>

namespace archrt {

static constexpr size_t kHugePage = size_t(2) << 20;

Result<AlignedBuffer> AlignedBuffer::allocate(size_t bytes) {
  AlignedBuffer buffer;
  if (bytes == 0)
    return buffer;
  bool huge = bytes >= kHugePage;
  if (bytes > (size_t(1) << 46))
    return environmentError("cannot allocate ", bytes, " bytes");
  // Huge pages need a 2 MB boundary, which mmap does not promise.
  size_t mapped = bytes + (huge ? kHugePage : 0);
  void *mapping = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED)
    return environmentError("cannot allocate ", bytes, " bytes: ", std::strerror(errno));
  auto address = reinterpret_cast<uintptr_t>(mapping);
  if (huge) {
    address = (address + kHugePage - 1) / kHugePage * kHugePage;
    madvise(reinterpret_cast<void *>(address), bytes, MADV_HUGEPAGE); // advice: works without
  }
  buffer.base = reinterpret_cast<uint8_t *>(address);
  buffer.length = bytes;
  buffer.mapping = mapping;
  buffer.mapped = mapped;
  return buffer;
}

AlignedBuffer::~AlignedBuffer() {
  if (mapping)
    munmap(mapping, mapped);
}

} // namespace archrt
