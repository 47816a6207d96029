//===- Device.h - What every executor offers ------------------------------===//
//
// A device turns a validated artifact into something that runs. Layout changes, chunking and naming happen above it
// (api/Session.h), once for all devices.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_DEVICE_DEVICE_H
#define ARCHRT_DEVICE_DEVICE_H

#include "runtime/core/ThreadPool.h"
#include "runtime/graph/Artifact.h"
#include "runtime/weights/PackedCache.h"
#include "runtime/weights/ParamStore.h"

#include <memory>
#include <string>
#include <vector>

namespace archrt {

struct DeviceOptions {
  std::string target; // force this plan of the artifact; "" chooses
  int number = 0;     // of several devices of one kind: the 1 of `cuda:1`
  /// Instead of the system's library behind the device (the CUDA driver, the emulator).
  std::string driverLibrary = {};
  uint64_t emulatorSeed = 0; // draws the order in which `emu` runs blocks and warps; 0: ascending
  /// Not 0: draws a fault that `emu` puts into the kernels, to see whether it is noticed.
  uint64_t emulatorFault = 0;
};

enum class InputKind { F32, U8 };

/// One run. Input is dense NHWC, f32 (normalised) or u8 (0 to 255); output dense [batch, width].
struct DeviceRun {
  InputKind kind = InputKind::F32;
  const void *input = nullptr;
  int64_t batch = 0; // at most what was reserved
  float *output = nullptr;
  float *const *taps = nullptr; // one dense [batch, ...] tensor per tap that was set
};

/// Time spent in one step of the plan since profiling began.
struct StepTime {
  const abi::Step *step = nullptr;
  double totalSeconds = 0, minSeconds = 0;
  int64_t runs = 0;

  void add(double seconds) {
    totalSeconds += seconds;
    minSeconds = runs++ == 0 || seconds < minSeconds ? seconds : minSeconds;
  }
};

class DeviceSession {
public:
  virtual ~DeviceSession() = default;
  /// Allocates for up to `maxBatch` images.
  virtual Status reserve(int64_t maxBatch) = 0;
  virtual bool accepts(InputKind kind) const = 0;
  virtual Status run(const DeviceRun &run) = 0;
  /// Graph values (indices into forward's values) that following runs copy out.
  virtual Status setTaps(const std::vector<uint32_t> &values) = 0;
  virtual void setProfiling(bool on) {}
  virtual std::vector<StepTime> stepTimes() const { return {}; }
};

class DeviceModel {
public:
  virtual ~DeviceModel() = default;
  /// What runs: "cpu:x86-64-v3", "reference".
  virtual std::string target() const = 0;
  /// The plan behind it, or null.
  virtual const abi::TargetPlan *plan() const { return nullptr; }
  /// `weights` need not be in memory, and their bytes only live during the call. Sessions use the new weights from their next run on;
  /// runs under way finish with the old ones. `origin`, which may be null, says where what is made of them can be kept and found.
  virtual Status setWeights(const std::shared_ptr<const ParamStore> &weights, const WeightsOrigin *origin) = 0;
  virtual Result<std::unique_ptr<DeviceSession>> createSession() = 0;
  /// Graph values that sessions can tap.
  virtual std::vector<uint32_t> tappable() const = 0;
};

/// `pool` outlives the model.
using DeviceFactory = Result<std::shared_ptr<DeviceModel>> (*)(std::shared_ptr<const Artifact> artifact, ThreadPool &pool,
                                                               const DeviceOptions &options);

/// Whether a machine may have several devices of a kind, told apart by numbers.
enum class DeviceCount { One, Several };

struct DeviceKind {
  DeviceFactory factory = nullptr;
  DeviceCount count = DeviceCount::One;
};

/// A device as users name it: "cpu", "cuda:1".
struct NamedDevice {
  DeviceFactory factory = nullptr;
  int number = 0;
};

/// Called once per kind of device, from an initialiser in its file; `name` must live forever.
bool registerDevice(const char *name, DeviceFactory factory, DeviceCount count = DeviceCount::One);
Result<NamedDevice> findDevice(const std::string &name);
std::vector<std::string> deviceNames();

} // namespace archrt

#endif // ARCHRT_DEVICE_DEVICE_H
