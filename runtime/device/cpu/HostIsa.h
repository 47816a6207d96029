//===- HostIsa.h - Which CPU targets this machine runs --------------------===//

#ifndef ARCHRT_DEVICE_CPU_HOSTISA_H
#define ARCHRT_DEVICE_CPU_HOSTISA_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace archrt {

/// The order of preference: higher is better.
enum class IsaLevel { Baseline, V2, V3, V4, V4Bf16 };

/// "cpu:x86-64-v3" -> V3; nothing for other targets.
std::optional<IsaLevel> isaLevelOf(std::string_view target);

/// "x86-64-v3".
const char *isaName(IsaLevel level);

/// The registers of CPUID that levels depend on, and which register states the operating system saves (XCR0).
struct CpuFeatures {
  uint32_t leaf1Ecx = 0, extendedEcx = 0, leaf7Ebx = 0, leaf7SubEax = 0;
  uint64_t savedStates = 0;
};

/// The highest level all of whose instructions are there and whose registers are saved.
IsaLevel isaLevelOf(const CpuFeatures &features);

/// What CPU and operating system together allow (AVX-512 needs the system to save its registers); nothing off x86-64.
std::optional<IsaLevel> hostIsaLevel();

/// Whether code of `level` runs where `host` is the highest level.
bool runsOn(IsaLevel level, std::optional<IsaLevel> host);

/// CPU model name as the processor reports it, for logs and benchmark records.
std::string hostCpuName();

} // namespace archrt

#endif // ARCHRT_DEVICE_CPU_HOSTISA_H
