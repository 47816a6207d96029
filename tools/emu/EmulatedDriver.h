//===- EmulatedDriver.h - A GPU driver whose device is the emulator -------===//

#ifndef ARCHC_TOOLS_EMU_EMULATEDDRIVER_H
#define ARCHC_TOOLS_EMU_EMULATEDDRIVER_H

#include "runtime/device/gpu/Driver.h"
#include "runtime/device/gpu/EmulatorPlugin.h"

#include <memory>

namespace archrt::emu {

/// Device memory is host memory, filled with NaNs when allocated. Everything has happened when a call returns. A launch with a finding
/// fails with ErrorCode::Budget, as a verification that is not met.
std::unique_ptr<gpu::Driver> makeEmulatedDriver(const gpu::EmulatorOptions &options);

} // namespace archrt::emu

#endif // ARCHC_TOOLS_EMU_EMULATEDDRIVER_H
