//===- AlignedBuffer.h - Memory for arenas, weights and files -------------===//

#ifndef ARCHRT_CORE_ALIGNEDBUFFER_H
#define ARCHRT_CORE_ALIGNEDBUFFER_H

#include "runtime/core/ByteView.h"
#include "runtime/core/Status.h"

#include <utility>

namespace archrt {

/// The alignment that kernels may rely on: one cache line, one AVX-512 vector.
constexpr size_t kBufferAlignment = 64;

/// Anonymous pages, zero at first. Large buffers ask for huge pages (worth up to 5 % of a run: fewer TLB misses).
class AlignedBuffer {
public:
  AlignedBuffer() = default;
  static Result<AlignedBuffer> allocate(size_t bytes);
  ~AlignedBuffer();
  AlignedBuffer(AlignedBuffer &&other) noexcept { *this = std::move(other); }
  AlignedBuffer &operator=(AlignedBuffer &&other) noexcept {
    std::swap(base, other.base);
    std::swap(length, other.length);
    std::swap(mapping, other.mapping);
    std::swap(mapped, other.mapped);
    return *this;
  }

  uint8_t *data() const { return base; }
  template <typename T> T *as() const { return reinterpret_cast<T *>(base); }
  size_t size() const { return length; }
  ByteView bytes() const { return {base, length}; }

private:
  uint8_t *base = nullptr;
  size_t length = 0;
  void *mapping = nullptr; // what mmap gave; `base` lies inside
  size_t mapped = 0;
};

} // namespace archrt

#endif // ARCHRT_CORE_ALIGNEDBUFFER_H
