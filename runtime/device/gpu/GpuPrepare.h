//===- GpuPrepare.h - Parameters become weights on the device -------------===//

#ifndef ARCHRT_DEVICE_GPU_GPUPREPARE_H
#define ARCHRT_DEVICE_GPU_GPUPREPARE_H

#include "runtime/device/gpu/DriverMemory.h"
#include "runtime/device/gpu/GpuProgram.h"

namespace archrt::gpu {

/// Uploads the parameters that `program`, a plan's function `prepare`, reads, and runs it; it writes `packed`. Parameters are gone
/// from the device afterwards.
Status prepareOnDevice(const std::shared_ptr<SharedDriver> &driver, const GpuProgram &program, const ParamStore *weights,
                       const DeviceBuffer &packed);

} // namespace archrt::gpu

#endif // ARCHRT_DEVICE_GPU_GPUPREPARE_H
