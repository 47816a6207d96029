//===- CudaDriver.h - Kernels on a device of the CUDA driver --------------===//

#ifndef ARCHRT_DEVICE_CUDA_CUDADRIVER_H
#define ARCHRT_DEVICE_CUDA_CUDADRIVER_H

#include "runtime/device/cuda/DriverApi.h"
#include "runtime/device/gpu/Driver.h"

namespace archrt::cuda {

/// "9.0" of an H100.
struct Capability {
  int major = 0, minor = 0;
};

/// How well code for `target` ("cuda:sm_90a") runs on a device: 0 not at all; more for code made for a newer or more particular chip,
/// and for a cubin before PTX of the same target. PTX runs on what is as new or newer, a cubin only within its major version; what ends
/// in `a` on exactly that chip, in `f` on its family.
int suitabilityOf(const std::string &target, gpu::CodeForm form, Capability device);

/// One stream in the device's primary context, which other libraries of the process share.
class CudaDriver final : public gpu::Driver {
public:
  /// Fails with ErrorCode::Target when there is no such device or its driver is too old.
  static Result<std::unique_ptr<gpu::Driver>> open(std::unique_ptr<DriverApi> api, int number);
  ~CudaDriver() override;

  std::string name() const override { return deviceName; }
  int suitability(const std::string &target, gpu::CodeForm form) const override {
    return suitabilityOf(target, form, capability);
  }

  Result<gpu::DevicePointer> allocate(uint64_t bytes) override;
  void release(gpu::DevicePointer pointer) override;
  Result<void *> allocateHost(uint64_t bytes) override;
  void releaseHost(void *memory) override;

  Status upload(gpu::DevicePointer to, const void *from, uint64_t bytes) override;
  Status download(void *to, gpu::DevicePointer from, uint64_t bytes) override;

  Result<std::unique_ptr<gpu::Module>> loadModule(ByteView code) override;
  Status launch(gpu::Function &function, const gpu::LaunchShape &shape, const std::vector<gpu::LaunchOperand> &operands) override;
  Status synchronize() override;

  Status beginRecording() override;
  Result<std::unique_ptr<gpu::Recording>> endRecording() override;
  Status replay(gpu::Recording &recording) override;

private:
  friend class CudaModule;
  friend class CudaRecording;

  explicit CudaDriver(std::unique_ptr<DriverApi> api) : api(std::move(api)) {}
  Status findDevice(int number);
  Status prepareDevice();
  /// Makes the context that of the calling thread.
  Status enter();
  Status check(CuResult result, const char *what) const;

  std::unique_ptr<DriverApi> api;
  std::string deviceName;
  CuDevice device = 0;
  Capability capability;
  int sharedLimit = 0; // bytes of a thread block
  CuContext context = nullptr;
  CuStream stream = nullptr;
  std::vector<uint64_t> values; // parameters of the launch being made,
  std::vector<void *> pointers; // and where they are
};

} // namespace archrt::cuda

#endif // ARCHRT_DEVICE_CUDA_CUDADRIVER_H
