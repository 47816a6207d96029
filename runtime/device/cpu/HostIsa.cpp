#include "runtime/device/cpu/HostIsa.h"

#include <cstring>
#include <initializer_list>

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

static bool all(uint64_t flags, std::initializer_list<int> bits) {
  for (int bit : bits)
    if (!(flags >> bit & 1))
      return false;
  return true;
}

static constexpr int kSavesStates = 27; // OSXSAVE, in leaf 1 ECX: XGETBV may be used

IsaLevel isaLevelOf(const CpuFeatures &features) {
  // SSE3, SSSE3, CMPXCHG16B, SSE4.1, SSE4.2, POPCNT; LAHF.
  if (!all(features.leaf1Ecx, {0, 9, 13, 19, 20, 23}) || !all(features.extendedEcx, {0}))
    return IsaLevel::Baseline;
  // FMA, MOVBE, OSXSAVE, AVX, F16C; LZCNT; BMI1, AVX2, BMI2; the system saves XMM and YMM.
  if (!all(features.leaf1Ecx, {12, 22, kSavesStates, 28, 29}) || !all(features.extendedEcx, {5}) ||
      !all(features.leaf7Ebx, {3, 5, 8}) || !all(features.savedStates, {1, 2}))
    return IsaLevel::V2;
  // AVX-512 F, DQ, CD, BW, VL; the system saves mask registers and both halves of ZMM.
  if (!all(features.leaf7Ebx, {16, 17, 28, 30, 31}) || !all(features.savedStates, {5, 6, 7}))
    return IsaLevel::V3;
  return all(features.leaf7SubEax, {5}) ? IsaLevel::V4Bf16 : IsaLevel::V4;
}

#if defined(__x86_64__)
static uint64_t extendedControl() {
  uint32_t low, high;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return uint64_t(high) << 32 | low;
}

static CpuFeatures readFeatures() {
  CpuFeatures features;
  uint32_t a, b, c, d;
  if (__get_cpuid(1, &a, &b, &c, &d))
    features.leaf1Ecx = c;
  if (__get_cpuid(0x80000001, &a, &b, &c, &d))
    features.extendedEcx = c;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
    features.leaf7Ebx = b;
    if (a >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d))
      features.leaf7SubEax = a;
  }
  if (all(features.leaf1Ecx, {kSavesStates}))
    features.savedStates = extendedControl();
  return features;
}

std::optional<IsaLevel> hostIsaLevel() {
  static const IsaLevel level = isaLevelOf(readFeatures());
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
