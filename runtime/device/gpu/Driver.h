//===- Driver.h - What running a plan needs of a GPU, real or emulated ----===//
//
// The narrow interface between GPU sessions and whatever runs kernels: the CUDA driver, or the SIMT emulator. Everything here happens
// in the order of calls on one stream; an error of earlier work may come out of a later call. Not thread-safe.
//
// A kernel's parameters are one pointer per operand of the step, in its order and 64-byte aligned, then the batch and the extent of
// the step's axis as i64. Thread block b computes iterations [b * block, min((b + 1) * block, extent)).
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_DEVICE_GPU_DRIVER_H
#define ARCHRT_DEVICE_GPU_DRIVER_H

#include "runtime/core/ByteView.h"
#include "runtime/core/Status.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace archrt::gpu {

using DevicePointer = uint64_t;

/// As abi::GpuCodeKind.
enum class CodeForm { Ptx, Cubin, Emulation };

/// An operand of a launch: the bytes that the kernel may touch.
struct LaunchOperand {
  DevicePointer pointer = 0;
  uint64_t bytes = 0;
  bool writes = false;
};

struct LaunchShape {
  uint32_t blocks = 0, threads = 0;
  uint32_t sharedBytes = 0;
  int64_t batch = 0, extent = 0;
};

/// An entry of a module; lives as long as its module.
class Function {
public:
  virtual ~Function() = default;
};

/// Code of one plan, loaded.
class Module {
public:
  virtual ~Module() = default;
  /// `sharedBytes`: the most that any launch will ask for. Fails when there is no entry of this name, or not so much shared memory.
  virtual Result<Function *> function(const std::string &name, uint32_t sharedBytes) = 0;
};

/// A sequence of launches and copies, recorded once.
class Recording {
public:
  virtual ~Recording() = default;
};

class Driver {
public:
  virtual ~Driver() = default;

  /// "cuda:0 (NVIDIA H100 80GB HBM3)", "emu".
  virtual std::string name() const = 0;
  /// How well code of a target such as "cuda:sm_80" suits: 0 when it does not run here.
  virtual int suitability(const std::string &target, CodeForm form) const = 0;

  virtual Result<DevicePointer> allocate(uint64_t bytes) = 0; // 256-byte aligned, contents undefined
  virtual void release(DevicePointer pointer) = 0;
  /// Memory of the host from which copies need not stage.
  virtual Result<void *> allocateHost(uint64_t bytes) = 0;
  virtual void releaseHost(void *memory) = 0;

  /// `from` and `to` of the host must stay as they are until the next synchronize().
  virtual Status upload(DevicePointer to, const void *from, uint64_t bytes) = 0;
  virtual Status download(void *to, DevicePointer from, uint64_t bytes) = 0;

  virtual Result<std::unique_ptr<Module>> loadModule(ByteView code) = 0;
  virtual Status launch(Function &function, const LaunchShape &shape, const std::vector<LaunchOperand> &operands) = 0;
  virtual Status synchronize() = 0;

  /// Between these two, launches and copies are recorded instead of run. A driver without recordings returns null from the second, having
  /// run everything at once.
  virtual Status beginRecording() = 0;
  virtual Result<std::unique_ptr<Recording>> endRecording() = 0;
  virtual Status replay(Recording &recording) = 0;
};

} // namespace archrt::gpu

#endif // ARCHRT_DEVICE_GPU_DRIVER_H
