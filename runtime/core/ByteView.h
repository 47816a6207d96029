//===- ByteView.h - Bytes that somebody else owns -------------------------===//

#ifndef ARCHRT_CORE_BYTEVIEW_H
#define ARCHRT_CORE_BYTEVIEW_H

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace archrt {

struct ByteView {
  const uint8_t *data = nullptr;
  size_t size = 0;

  ByteView() = default;
  ByteView(const void *data, size_t size) : data(static_cast<const uint8_t *>(data)), size(size) {}
  explicit ByteView(std::string_view text) : ByteView(text.data(), text.size()) {}

  bool empty() const { return size == 0; }
  std::string_view text() const { return {reinterpret_cast<const char *>(data), size}; }
  ByteView slice(size_t offset, size_t length) const {
    assert(offset <= size && length <= size - offset);
    return {data + offset, length};
  }
};

} // namespace archrt

#endif // ARCHRT_CORE_BYTEVIEW_H
