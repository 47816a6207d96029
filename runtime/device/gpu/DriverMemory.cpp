#include "runtime/device/gpu/DriverMemory.h"

#include <algorithm>
#include <cstring>

namespace archrt::gpu {

/// Drivers allocate nothing of no bytes, but kernels take the address of an empty arena, too.
static constexpr uint64_t kLeastBytes = 256;

Result<DeviceBuffer> DeviceBuffer::allocate(const std::shared_ptr<SharedDriver> &driver, uint64_t bytes) {
  DeviceBuffer buffer;
  auto lock = driver->lock();
  ARCHRT_ASSIGN(buffer.address, (*driver)->allocate(std::max(bytes, kLeastBytes)));
  buffer.driver = driver;
  return buffer;
}

DeviceBuffer &DeviceBuffer::operator=(DeviceBuffer &&other) noexcept {
  std::swap(driver, other.driver);
  std::swap(address, other.address);
  return *this;
}

void DeviceBuffer::reset() {
  if (!driver)
    return;
  auto lock = driver->lock();
  (*driver)->release(address);
  lock.unlock();
  driver.reset();
}

Result<HostBuffer> HostBuffer::allocate(const std::shared_ptr<SharedDriver> &driver, uint64_t bytes) {
  HostBuffer buffer;
  auto lock = driver->lock();
  ARCHRT_ASSIGN(void *memory, (*driver)->allocateHost(std::max(bytes, kLeastBytes)));
  buffer.memory = static_cast<uint8_t *>(memory);
  buffer.length = bytes;
  buffer.driver = driver;
  std::memset(buffer.memory, 0, bytes);
  return buffer;
}

HostBuffer &HostBuffer::operator=(HostBuffer &&other) noexcept {
  std::swap(driver, other.driver);
  std::swap(memory, other.memory);
  std::swap(length, other.length);
  return *this;
}

void HostBuffer::reset() {
  if (!driver)
    return;
  auto lock = driver->lock();
  (*driver)->releaseHost(memory);
  lock.unlock();
  driver.reset();
}

} // namespace archrt::gpu
