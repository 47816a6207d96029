//===- Container.h - The byte layout around an artifact's sections --------===//
//
// file := FileHeader, SectionEntry[sectionCount], sections, each 4096-byte aligned (code is mapped from the file).
// Everything little-endian. Every section carries its XXH3-128; the header carries the one of the section table.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_ABI_CONTAINER_H
#define ARCHRT_ABI_CONTAINER_H

#include <cstdint>

namespace archrt::abi {

constexpr char kMagic[8] = {'A', 'R', 'C', 'H', 'X', '\r', '\n', '\0'};
constexpr uint32_t kFormatVersion = 1;
constexpr uint64_t kSectionAlignment = 4096;

struct Hash128 {
  uint64_t low = 0, high = 0;
  bool operator==(const Hash128 &other) const { return low == other.low && high == other.high; }
};

enum class SectionKind : uint32_t {
  Model = 1,   // FlatBuffers root Model
  Plan = 2,    // FlatBuffers root TargetPlan, one per target
  Code = 3,    // one position-independent blob per target, referred to by TargetPlan.code_section
  Weights = 4, // a whole safetensors file in canonical form, optional
  Bitcode = 5, // LLVM bitcode for the emulator, or CODE; referred to by TargetPlan.gpu_code
};

struct FileHeader {
  char magic[8];
  uint32_t formatVersion;
  uint32_t sectionCount;
  uint64_t fileSize;
  Hash128 tableHash; // of the section entries
};

struct SectionEntry {
  SectionKind kind;
  uint32_t reserved; // 0
  uint64_t offset;
  uint64_t size;
  Hash128 hash;
};

static_assert(sizeof(FileHeader) == 40 && sizeof(SectionEntry) == 40, "the layout is the format");

} // namespace archrt::abi

#endif // ARCHRT_ABI_CONTAINER_H
