//===- EmulatorPlugin.h - How the SIMT emulator is opened and set up ------===//
//
// The emulator needs LLVM's JIT, so it is a library of its own (`libarchrt_emu.so`, built from tools/emu), opened with dlopen when the
// device `emu` is asked for. It runs the emulation form of any cuda target.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_DEVICE_GPU_EMULATORPLUGIN_H
#define ARCHRT_DEVICE_GPU_EMULATORPLUGIN_H

#include <cstdint>

namespace archrt::gpu {

class Driver;

/// Changes with every change of EmulatorOptions or Driver.
constexpr uint32_t emulatorInterface = 2;

struct EmulatorOptions {
  uint32_t interface = emulatorInterface;
  /// Of hosts' threads that run blocks; 0: as many as there are cores.
  uint32_t threads = 0;
  /// Bounds, alignment, initialisation, races. Without them a wrong kernel may end the process.
  bool checks = true;
  /// Count bank conflicts and sectors per request; slow.
  bool counters = false;
  /// Before a launch, operands that it writes are filled with NaNs, and reading one before it is written is a finding. Wrong for
  /// kernels that update in place.
  bool poisonOutputs = false;
  /// Blocks and warps run in an order drawn from it; 0: ascending.
  uint64_t seed = 0;
  /// Not 0: one fault, drawn from it, is put into every module that is loaded (tools/emu/Mutate.h). For tests of tests.
  uint64_t mutation = 0;
  /// Loop iterations that a thread may take before it is called endless.
  int64_t fuel = 200'000'000;
  /// A launch ends once it has so many findings.
  uint32_t maxFindings = 8;
};

/// The library's one entry: a driver that the caller deletes, or null when `options->interface` is another one.
using OpenEmulator = Driver *(*)(const EmulatorOptions *options);
constexpr const char *openEmulatorSymbol = "archrt_emu_open";

} // namespace archrt::gpu

#endif // ARCHRT_DEVICE_GPU_EMULATORPLUGIN_H
