//===- DriverMemory.h - A driver that several users share, and its memory --===//

#ifndef ARCHRT_DEVICE_GPU_DRIVERMEMORY_H
#define ARCHRT_DEVICE_GPU_DRIVERMEMORY_H

#include "runtime/device/gpu/Driver.h"

#include <mutex>

namespace archrt::gpu {

/// The driver of one model. Its sessions may run on threads of their own; a driver is used by one at a time.
class SharedDriver {
public:
  explicit SharedDriver(std::unique_ptr<Driver> driver) : driver(std::move(driver)) {}

  /// Held around everything that follows `->`. Whoever holds it may drop memory, which takes it again.
  std::unique_lock<std::recursive_mutex> lock() { return std::unique_lock<std::recursive_mutex>(mutex); }
  Driver *operator->() const { return driver.get(); }
  Driver &operator*() const { return *driver; }

private:
  std::unique_ptr<Driver> driver;
  std::recursive_mutex mutex;
};

/// Memory of the device.
class DeviceBuffer {
public:
  DeviceBuffer() = default;
  static Result<DeviceBuffer> allocate(const std::shared_ptr<SharedDriver> &driver, uint64_t bytes);
  ~DeviceBuffer() { reset(); }
  DeviceBuffer(DeviceBuffer &&other) noexcept { *this = std::move(other); }
  DeviceBuffer &operator=(DeviceBuffer &&other) noexcept;

  DevicePointer pointer() const { return address; }
  /// Never followed; for BufferBases.
  uint8_t *base() const { return reinterpret_cast<uint8_t *>(static_cast<uintptr_t>(address)); }
  void reset();

private:
  std::shared_ptr<SharedDriver> driver;
  DevicePointer address = 0;
};

/// Memory of the host that copies need not stage; zero at first.
class HostBuffer {
public:
  HostBuffer() = default;
  static Result<HostBuffer> allocate(const std::shared_ptr<SharedDriver> &driver, uint64_t bytes);
  ~HostBuffer() { reset(); }
  HostBuffer(HostBuffer &&other) noexcept { *this = std::move(other); }
  HostBuffer &operator=(HostBuffer &&other) noexcept;

  uint8_t *data() const { return memory; }
  uint64_t size() const { return length; }
  void reset();

private:
  std::shared_ptr<SharedDriver> driver;
  uint8_t *memory = nullptr;
  uint64_t length = 0;
};

} // namespace archrt::gpu

#endif // ARCHRT_DEVICE_GPU_DRIVERMEMORY_H
