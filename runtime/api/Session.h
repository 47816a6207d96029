//===- Session.h - Runs of one caller -------------------------------------===//

#ifndef ARCHRT_API_SESSION_H
#define ARCHRT_API_SESSION_H

#include "runtime/api/Model.h"
#include "runtime/api/Normalize.h"

#include <atomic>

namespace archrt {

enum class Layout { NHWC, NCHW };

struct RunInput {
  const void *data = nullptr;
  InputKind kind = InputKind::F32; // u8 is NHWC only
  Layout layout = Layout::NHWC;
  int64_t batch = 0;
};

/// A tensor that a run left behind.
struct TapValue {
  std::string name;
  std::vector<int64_t> shape; // with the batch of the last run
  const float *data = nullptr;
};

/// One thread at a time; several sessions of a model may run at once.
class Session {
public:
  static Result<std::unique_ptr<Session>> create(std::shared_ptr<Model> model);

  /// Allocates for `maxBatch` images at once. Larger batches run in pieces of that size.
  Status reserve(int64_t maxBatch);
  int64_t reserved() const { return maxBatch; }

  /// Writes batch x outputWidth() numbers. Allocates nothing, except when nothing was reserved (then it reserves for the batch)
  /// and for taps.
  Status run(const RunInput &input, float *output);

  /// The tensor of that name is kept by the following runs; `name` is a name path of the network (`stages.2.blocks.3`: that
  /// block's output). The error lists the nearest names that can be had.
  Status addTap(const std::string &name);
  size_t tapCount() const { return taps.size(); }
  TapValue tap(size_t index) const;

  DeviceSession &device() { return *deviceSession; }
  const Model &model() const { return *owner; }

private:
  struct Tap {
    std::string name;
    uint32_t value = 0;
    int64_t elements = 0; // per image
    std::vector<float> data;
  };

  Status checkInput(const RunInput &input, const float *output) const;
  Status runChunk(const RunInput &input, int64_t first, int64_t count, float *output);
  const void *stage(const RunInput &input, int64_t first, int64_t count);

  std::shared_ptr<Model> owner;
  std::unique_ptr<DeviceSession> deviceSession;
  int64_t maxBatch = 0, lastBatch = 0;
  AlignedBuffer staging; // dense f32 NHWC
  std::vector<Tap> taps;
  std::vector<float *> tapPointers;
  PixelStatistics statistics; // for devices that do not normalise themselves
  std::atomic<bool> busy{false};
};

} // namespace archrt

#endif // ARCHRT_API_SESSION_H
