#include "runtime/api/Session.h"

#include "runtime/api/Normalize.h"
#include "runtime/api/TapNames.h"

#include <algorithm>

namespace archrt {

namespace {
/// Marks a session as in use; misuse from two threads is an error instead of a race.
class BusyGuard {
public:
  explicit BusyGuard(std::atomic<bool> &flag) : flag(flag), mine(!flag.exchange(true, std::memory_order_acquire)) {}
  ~BusyGuard() {
    if (mine)
      flag.store(false, std::memory_order_release);
  }
  bool owns() const { return mine; }

private:
  std::atomic<bool> &flag;
  bool mine;
};
} // namespace

static ImageShape shapeOf(const Model &model) {
  const abi::InputInfo &input = *model.artifact().model().input();
  return {input.channels(), input.height(), input.width()};
}

Result<std::unique_ptr<Session>> Session::create(std::shared_ptr<Model> model) {
  auto session = std::make_unique<Session>();
  ARCHRT_ASSIGN(session->deviceSession, model->device().createSession());
  const abi::InputInfo &input = *model->artifact().model().input();
  for (uint32_t c = 0; c < input.channels(); ++c) {
    session->statistics.std.push_back(sizeOf(input.std()) ? static_cast<float>(input.std()->Get(c)) : 1.0f);
    session->statistics.mean.push_back(sizeOf(input.mean()) ? static_cast<float>(input.mean()->Get(c)) : 0.0f);
  }
  session->owner = std::move(model);
  return session;
}

Status Session::reserve(int64_t batch) {
  BusyGuard guard(busy);
  if (!guard.owns())
    return invalid("the session is in use by another thread");
  if (batch < 1 || batch > kMaxBatch)
    return invalid("the batch is ", batch, "; expected 1 to ", kMaxBatch);
  maxBatch = 0; // a failure below leaves a session that must be reserved again
  ARCHRT_ASSIGN(staging, AlignedBuffer::allocate(batch * owner->inputElements() * sizeof(float)));
  ARCHRT_TRY(deviceSession->reserve(batch));
  maxBatch = batch;
  return {};
}

Status Session::checkInput(const RunInput &input, const float *output) const {
  if (!input.data || !output)
    return invalid("input or output is null");
  if (input.batch < 1 || input.batch > kMaxBatch)
    return invalid("the batch is ", input.batch, "; expected 1 to ", kMaxBatch);
  if (input.kind == InputKind::U8 && input.layout != Layout::NHWC)
    return invalid("u8 input must be NHWC");
  return {};
}

/// The device's view of images [first, first + count).
const void *Session::stage(const RunInput &input, int64_t first, int64_t count) {
  ImageShape shape = shapeOf(*owner);
  ThreadPool &pool = owner->runtime().pool();
  float *out = staging.as<float>();
  if (input.kind == InputKind::U8) {
    const uint8_t *from = static_cast<const uint8_t *>(input.data) + first * shape.elements();
    if (deviceSession->accepts(InputKind::U8))
      return from;
    auto lock = pool.lock();
    normalizePixels(from, out, count * shape.height * shape.width, statistics, pool);
    return out;
  }
  const float *from = static_cast<const float *>(input.data) + first * shape.elements();
  if (input.layout == Layout::NHWC || shape.channels == 1)
    return from;
  auto lock = pool.lock();
  transposeToNhwc(from, out, count, shape, pool);
  return out;
}

Status Session::runChunk(const RunInput &input, int64_t first, int64_t count, float *output) {
  DeviceRun run;
  run.input = stage(input, first, count);
  run.kind = deviceSession->accepts(InputKind::U8) ? input.kind : InputKind::F32;
  run.batch = count;
  run.output = output + first * owner->outputWidth();
  for (size_t i = 0; i < taps.size(); ++i)
    tapPointers[i] = taps[i].data.data() + first * taps[i].elements;
  run.taps = tapPointers.data();
  return deviceSession->run(run);
}

Status Session::run(const RunInput &input, float *output) {
  ARCHRT_TRY(checkInput(input, output));
  if (maxBatch == 0)
    ARCHRT_TRY(reserve(input.batch));
  BusyGuard guard(busy);
  if (!guard.owns())
    return invalid("the session is in use by another thread");
  DefaultFloatEnvironment environment;
  for (Tap &tap : taps)
    tap.data.resize(input.batch * tap.elements);
  for (int64_t first = 0; first < input.batch; first += maxBatch)
    ARCHRT_TRY(runChunk(input, first, std::min(maxBatch, input.batch - first), output));
  lastBatch = input.batch;
  return {};
}

Status Session::addTap(const std::string &name) {
  BusyGuard guard(busy);
  if (!guard.owns())
    return invalid("the session is in use by another thread");
  ARCHRT_ASSIGN(uint32_t value, resolveTap(owner->artifact(), name, owner->device().tappable()));
  Tap tap;
  tap.name = name;
  tap.value = value;
  tap.elements = 1;
  const auto *shape = owner->artifact().forward().values()->Get(value)->shape();
  for (size_t i = 1; i < sizeOf(shape); ++i)
    tap.elements *= shape->Get(i)->constant();
  taps.push_back(std::move(tap));
  tapPointers.resize(taps.size());
  std::vector<uint32_t> values;
  for (const Tap &each : taps)
    values.push_back(each.value);
  Status status = deviceSession->setTaps(values);
  if (!status.ok())
    taps.pop_back();
  return status;
}

TapValue Session::tap(size_t index) const {
  const Tap &tap = taps[index];
  TapValue value;
  value.name = tap.name;
  value.data = tap.data.data();
  const auto *shape = owner->artifact().forward().values()->Get(tap.value)->shape();
  for (size_t i = 0; i < sizeOf(shape); ++i)
    value.shape.push_back(evaluate(shape->Get(i), lastBatch));
  return value;
}

} // namespace archrt
