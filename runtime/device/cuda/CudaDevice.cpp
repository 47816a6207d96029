//===- CudaDevice.cpp - Devices `cuda` and `cuda:N` -----------------------===//

#include "runtime/device/cuda/CudaDriver.h"
#include "runtime/device/gpu/GpuModel.h"

namespace archrt::cuda {
namespace {

Result<std::shared_ptr<DeviceModel>> createCuda(std::shared_ptr<const Artifact> artifact, ThreadPool &pool,
                                                const DeviceOptions &options) {
  ARCHRT_ASSIGN(std::unique_ptr<DriverApi> api, DriverApi::load(options.driverLibrary));
  ARCHRT_ASSIGN(std::unique_ptr<gpu::Driver> driver, CudaDriver::open(std::move(api), options.number));
  ARCHRT_ASSIGN(gpu::PlanChoice choice,
                gpu::choosePlan(*artifact, options.target, *driver, "compile it with `--target=cuda:sm_80`"));
  return gpu::GpuModel::create(std::move(artifact), pool, std::move(driver), choice);
}

[[maybe_unused]] const bool registered = registerDevice("cuda", &createCuda, DeviceCount::Several);

} // namespace
} // namespace archrt::cuda
