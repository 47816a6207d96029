//===- Convert.h - Numbers of other formats become f32 --------------------===//

#ifndef ARCHRT_WEIGHTS_CONVERT_H
#define ARCHRT_WEIGHTS_CONVERT_H

#include "runtime/core/ByteView.h"

#include <cstring>
#include <string_view>

namespace archrt {

inline float floatFromBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

inline float halfToFloat(uint16_t half) {
  uint32_t sign = uint32_t(half & 0x8000) << 16, exponent = half >> 10 & 0x1F, fraction = half & 0x3FF;
  if (exponent == 31)
    return floatFromBits(sign | 0x7F800000 | fraction << 13);
  if (exponent != 0)
    return floatFromBits(sign | (exponent + 112) << 23 | fraction << 13);
  float magnitude = static_cast<float>(fraction) * 0x1p-24f; // subnormal
  return sign ? -magnitude : magnitude;
}

inline float bfloatToFloat(uint16_t bits) { return floatFromBits(uint32_t(bits) << 16); }

/// Element `i` of `bytes` read as `Stored`; `bytes` need not be aligned.
template <typename Stored> Stored loadElement(ByteView bytes, size_t i) {
  Stored value;
  std::memcpy(&value, bytes.data + i * sizeof(Stored), sizeof(Stored));
  return value;
}

/// Converts `count` elements of a safetensors dtype to f32; false when that dtype is not one of F16, BF16, F32, F64.
inline bool convertToFloat(std::string_view dtype, ByteView bytes, size_t count, float *out) {
  if (dtype == "F32")
    std::memcpy(out, bytes.data, count * sizeof(float));
  else if (dtype == "F16")
    for (size_t i = 0; i < count; ++i)
      out[i] = halfToFloat(loadElement<uint16_t>(bytes, i));
  else if (dtype == "BF16")
    for (size_t i = 0; i < count; ++i)
      out[i] = bfloatToFloat(loadElement<uint16_t>(bytes, i));
  else if (dtype == "F64")
    for (size_t i = 0; i < count; ++i)
      out[i] = static_cast<float>(loadElement<double>(bytes, i));
  else
    return false;
  return true;
}

} // namespace archrt

#endif // ARCHRT_WEIGHTS_CONVERT_H
