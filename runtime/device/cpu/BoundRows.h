//===- BoundRows.h - Dense memory of callers and rows of kernels ----------===//
//
// Callers hand in dense tensors; kernels may want aligned rows with padding. What fits is used where it lies, the rest is copied.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_DEVICE_CPU_BOUNDROWS_H
#define ARCHRT_DEVICE_CPU_BOUNDROWS_H

#include "runtime/core/ThreadPool.h"
#include "runtime/graph/Artifact.h"

namespace archrt {

/// A tensor of rows: [count, width] with `stride` elements from row to row.
struct BoundRows {
  int64_t count = 1, width = 1, stride = 1;
  int64_t bytesEach = 4; // per element

  static BoundRows of(const abi::Buffer &buffer, int64_t batch);
  size_t denseBytes() const { return static_cast<size_t>(count * width * bytesEach); }
  bool dense() const { return stride == width; }
};

/// Whether the caller's dense memory can stand for the buffer: aligned, without padding, and no byte short of what kernels may touch.
bool fits(const abi::Buffer &buffer, const void *memory, int64_t batch);

/// Dense memory to the buffer's rows, and back.
void copyIn(const BoundRows &rows, void *to, const void *dense, ThreadPool &pool);
void copyOut(const BoundRows &rows, void *dense, const void *from, ThreadPool &pool);

} // namespace archrt

#endif // ARCHRT_DEVICE_CPU_BOUNDROWS_H
