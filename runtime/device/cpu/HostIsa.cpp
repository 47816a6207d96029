#include "runtime/device/cpu/HostIsa.h"

#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace archrt {

namespace {
struct IsaRow {
  IsaLevel level;
  const char *name;
};
} // namespace

static constexpr IsaRow kLevels[] = {{IsaLevel::Baseline, "x86-64"},
                                     {IsaLevel::V2, "x86-64-v2"},
                                     {IsaLevel::V3, "x86-64-v3"},
                                     {IsaLevel::V4, "x86-64-v4"},
                                     {IsaLevel::V4Bf16, "x86-64-v4+bf16"}};

std::optional<IsaLevel> isaLevelOf(std::string_view target) {
  constexpr std::string_view prefix = "cpu:";
  if (target.substr(0, prefix.size()) != prefix)
    return std::nullopt;
  for (const IsaRow &row : kLevels)
    if (target.substr(prefix.size()) == row.name)
      return row.level;
  return std::nullopt;
}

const char *isaName(IsaLevel level) { return kLevels[static_cast<int>(level)].name; }

bool runsOn(IsaLevel level, std::optional<IsaLevel> host) { return host && level <= *host; }

#if defined(__x86_64__)
static uint64_t extendedControl() {
  uint32_t low, high;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return uint64_t(high) << 32 | low;
}

static bool all(uint32_t flags, std::initializer_list<int> bits) {
  for (int bit : bits)
    if (!(flags >> bit & 1))
      return false;
  return true;
}

static IsaLevel detect() {
  uint32_t a, b, c, d, c1 = 0, b7 = 0, a7sub = 0, cExt = 0;
  if (__get_cpuid(1, &a, &b, &c, &d))
    c1 = c;
  if (__get_cpuid(0x80000001, &a, &b, &c, &d))
    cExt = c;
  // SSE3, SSSE3, CMPXCHG16B, SSE4.1, SSE4.2, POPCNT; LAHF.
  if (!all(c1, {0, 9, 13, 19, 20, 23}) || !all(cExt, {0}))
    return IsaLevel::Baseline;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
    b7 = b;
    if (a >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d))
      a7sub = a;
  }
  // FMA, MOVBE, OSXSAVE, AVX, F16C; LZCNT; BMI1, AVX2, BMI2; the system saves XMM and YMM.
  if (!all(c1, {12, 22, 27, 28, 29}) || !all(cExt, {5}) || !all(b7, {3, 5, 8}) || (extendedControl() & 0x6) != 0x6)
    return IsaLevel::V2;
  // AVX-512 F, DQ, CD, BW, VL; the system saves mask registers and both halves of ZMM.
  if (!all(b7, {16, 17, 28, 30, 31}) || (extendedControl() & 0xE6) != 0xE6)
    return IsaLevel::V3;
  return all(a7sub, {5}) ? IsaLevel::V4Bf16 : IsaLevel::V4;
}

std::optional<IsaLevel> hostIsaLevel() {
  static const IsaLevel level = detect();
  return level;
}

std::string hostCpuName() {
  uint32_t words[12];
  if (__get_cpuid_max(0x80000000, nullptr) < 0x80000004)
    return "unknown";
  for (int i = 0; i < 3; ++i)
    __get_cpuid(0x80000002 + i, &words[4 * i], &words[4 * i + 1], &words[4 * i + 2], &words[4 * i + 3]);
  char text[sizeof(words) + 1] = {};
  std::memcpy(text, words, sizeof(words));
  std::string name(text);
  size_t first = name.find_first_not_of(' '), last = name.find_last_not_of(' ');
  return first == std::string::npos ? "unknown" : name.substr(first, last - first + 1);
}
#else
std::optional<IsaLevel> hostIsaLevel() { return std::nullopt; }
std::string hostCpuName() { return "unknown"; }
#endif

} // namespace archrt
