//===- Access.h - A memory access as generated code describes it ----------===//

#ifndef ARCHC_TOOLS_EMU_ACCESS_H
#define ARCHC_TOOLS_EMU_ACCESS_H

#include <cstdint>

namespace archrt::emu {

enum class AccessKind : uint8_t { Read, Write, Atomic };

/// One 64-bit constant of the generated code. `object`: the operand, or the shared object, that the address is computed from.
struct Access {
  static constexpr uint32_t unknownObject = 0xFFFF;

  uint32_t site = 0;      // 20 bits
  uint32_t size = 0;      // 12 bits
  uint32_t alignment = 1; // a power of two, its logarithm in 8 bits
  AccessKind kind = AccessKind::Read;
  uint32_t object = unknownObject; // 16 bits

  Access() = default;
  explicit Access(uint64_t packed)
      : site(packed & 0xFFFFF), size(packed >> 20 & 0xFFF), alignment(1u << (packed >> 32 & 0xFF)),
        kind(static_cast<AccessKind>(packed >> 40 & 0xFF)), object(packed >> 48) {}
  uint64_t pack() const {
    uint64_t logarithm = 0;
    while ((1u << logarithm) < alignment)
      ++logarithm;
    return site | uint64_t(size) << 20 | logarithm << 32 | uint64_t(kind) << 40 | uint64_t(object) << 48;
  }

  static constexpr uint32_t mostSites = 1u << 20, mostBytes = 0xFFF;
};

} // namespace archrt::emu

#endif // ARCHC_TOOLS_EMU_ACCESS_H
