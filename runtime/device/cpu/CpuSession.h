//===- CpuSession.h - One caller's arena on the CPU -----------------------===//

#ifndef ARCHRT_DEVICE_CPU_CPUSESSION_H
#define ARCHRT_DEVICE_CPU_CPUSESSION_H

#include "runtime/device/cpu/CpuModel.h"

namespace archrt {

class CpuSession final : public DeviceSession {
public:
  explicit CpuSession(std::shared_ptr<CpuModel> model) : model(std::move(model)) {}

  Status reserve(int64_t maxBatch) override;
  bool accepts(InputKind kind) const override { return kind == InputKind::F32 || model->forwardU8(); }
  Status run(const DeviceRun &run) override;
  Status setTaps(const std::vector<uint32_t> &values) override;
  void setProfiling(bool on) override;
  std::vector<StepTime> stepTimes() const override { return times; }

private:
  /// One of the two forward functions with this session's addresses.
  struct Entry {
    const Program *program = nullptr;
    ProgramBinding binding;
    AlignedBuffer input, output; // used when the caller's memory does not fit
    BufferBases bound;           // what `binding` was resolved for
    int64_t batch = -1;
  };

  Status reserveEntry(Entry &entry, int64_t maxBatch);
  void bind(Entry &entry, const DeviceRun &run, const PackedWeights &weights);
  void execute(Entry &entry, const DeviceRun &run);
  void timedStep(Entry &entry, size_t index);
  void copyTap(const Entry &entry, const ProgramTap &tap, const DeviceRun &run) const;

  std::shared_ptr<CpuModel> model;
  std::shared_ptr<const PackedWeights> weights;
  AlignedBuffer arena;
  Entry f32, u8;
  std::vector<ProgramTap> f32Taps, u8Taps;
  bool profiling = false;
  std::vector<StepTime> times; // parallel to the f32 program's steps
};

} // namespace archrt

#endif // ARCHRT_DEVICE_CPU_CPUSESSION_H
