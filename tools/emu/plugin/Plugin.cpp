//===- Plugin.cpp - The entry of libarchrt_emu.so -------------------------===//

#include "tools/emu/EmulatedDriver.h"

extern "C" archrt::gpu::Driver *archrt_emu_open(const archrt::gpu::EmulatorOptions *options) {
  if (options->interface != archrt::gpu::emulatorInterface)
    return nullptr;
  return archrt::emu::makeEmulatedDriver(*options).release();
}
