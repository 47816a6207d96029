#include "runtime/device/cpu/BoundRows.h"

#include <algorithm>
#include <cstring>

namespace archrt {

BoundRows BoundRows::of(const abi::Buffer &buffer, int64_t batch) {
  BoundRows rows;
  size_t rank = sizeOf(buffer.shape());
  for (size_t i = 0; i + 1 < rank; ++i)
    rows.count *= evaluate(buffer.shape()->Get(i), batch);
  rows.width = rank ? evaluate(buffer.shape()->Get(rank - 1), batch) : 0;
  rows.stride = buffer.row_stride() ? buffer.row_stride() : rows.width;
  rows.bytesEach = elementBytes(buffer.dtype());
  return rows;
}

bool fits(const abi::Buffer &buffer, const void *memory, int64_t batch) {
  BoundRows rows = BoundRows::of(buffer, batch);
  return rows.dense() && reinterpret_cast<uintptr_t>(memory) % kBufferAlignment == 0 &&
         static_cast<size_t>(evaluate(buffer.size(), batch)) <= rows.denseBytes();
}

namespace {
struct RowTarget {
  uint8_t *data;
  int64_t stride;
};
struct RowSource {
  const uint8_t *data;
  int64_t stride;
};
} // namespace

/// Copies rows that are `from.stride` elements apart to where they are `to.stride` apart.
static void copyRows(const BoundRows &rows, RowTarget to, RowSource from, ThreadPool &pool) {
  int64_t size = rows.width * rows.bytesEach, grain = std::max<int64_t>(1, 16384 / std::max<int64_t>(1, size));
  int64_t toStride = to.stride * rows.bytesEach, fromStride = from.stride * rows.bytesEach;
  pool.parallelFor(rows.count, grain, [&](int64_t begin, int64_t end, int) {
    if (toStride == size && fromStride == size) {
      std::memcpy(to.data + begin * size, from.data + begin * size, (end - begin) * size);
      return;
    }
    for (int64_t row = begin; row < end; ++row)
      std::memcpy(to.data + row * toStride, from.data + row * fromStride, size);
  });
}

void copyIn(const BoundRows &rows, void *to, const void *dense, ThreadPool &pool) {
  copyRows(rows, {static_cast<uint8_t *>(to), rows.stride}, {static_cast<const uint8_t *>(dense), rows.width}, pool);
}

void copyOut(const BoundRows &rows, void *dense, const void *from, ThreadPool &pool) {
  copyRows(rows, {static_cast<uint8_t *>(dense), rows.width}, {static_cast<const uint8_t *>(from), rows.stride}, pool);
}

} // namespace archrt
