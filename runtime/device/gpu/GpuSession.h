//===- GpuSession.h - One caller's memory and recordings on a GPU ---------===//
//
// The first run of a batch size launches its kernels one by one, which also loads what drivers load late; the second records uploads,
// launches and downloads, and all later ones replay that. Taps and profiling run kernels one by one.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_DEVICE_GPU_GPUSESSION_H
#define ARCHRT_DEVICE_GPU_GPUSESSION_H

#include "runtime/device/gpu/GpuModel.h"

#include <array>

namespace archrt::gpu {

class GpuSession final : public DeviceSession {
public:
  explicit GpuSession(std::shared_ptr<GpuModel> model) : model(std::move(model)) {}
  ~GpuSession() override;

  Status reserve(int64_t maxBatch) override;
  bool accepts(InputKind kind) const override { return kind == InputKind::F32 || model->forwardU8(); }
  Status run(const DeviceRun &run) override;
  Status setTaps(const std::vector<uint32_t> &values) override;
  void setProfiling(bool on) override;
  std::vector<StepTime> stepTimes() const override { return times; }

private:
  /// A batch size that was run, and its recording from the second run on.
  struct Recorded {
    int64_t batch = -1;
    uint64_t lastUse = 0;
    std::unique_ptr<Recording> recording;
  };

  /// One of the two forward functions with this session's memory. Input and output are staged by the host as kernels want them.
  struct Entry {
    const GpuProgram *program = nullptr;
    DeviceBuffer input, output;
    HostBuffer hostInput, hostOutput;
    GpuBinding binding;
    int64_t batch = -1; // that `binding` was resolved for
    std::array<Recorded, 16> recorded;
    std::vector<ProgramTap> taps;
  };

  Status reserveEntry(Entry &entry, int64_t maxBatch);
  Status reserveTaps();
  void forgetRecordings();
  void bind(Entry &entry, int64_t batch);
  Recorded &slotOf(Entry &entry, int64_t batch);
  Status runWhole(Entry &entry, int64_t batch);
  Status record(Entry &entry, Recorded &slot);
  Status enqueue(Entry &entry, int64_t batch);
  Status runStepwise(Entry &entry, const DeviceRun &run);
  Status timedStep(Entry &entry, size_t index);
  Status downloadTap(Entry &entry, const ProgramTap &tap, const DeviceRun &run);
  Status upload(Entry &entry, int64_t batch);
  Status download(Entry &entry, int64_t batch);
  const abi::Buffer &bufferAt(uint32_t index) const { return *model->plan()->buffers()->Get(index); }
  BufferBases basesOf(const Entry &entry) const;
  Driver &driver() const { return **model->driver(); }

  std::shared_ptr<GpuModel> model;
  std::shared_ptr<const DeviceBuffer> weights; // that recordings and bindings name
  DeviceBuffer arena;
  HostBuffer tapMemory;
  Entry f32, u8;
  int64_t reservedBatch = 0;
  uint64_t uses = 0;
  bool records = true; // until the driver says that it cannot
  bool profiling = false;
  std::vector<StepTime> times; // parallel to the f32 program's steps
};

} // namespace archrt::gpu

#endif // ARCHRT_DEVICE_GPU_GPUSESSION_H
