#include "runtime/device/gpu/GpuSession.h"

#include "runtime/device/cpu/BoundRows.h"

#include <algorithm>
#include <chrono>

namespace archrt::gpu {

GpuSession::~GpuSession() {
  auto lock = model->driver()->lock();
  forgetRecordings(); // before the memory that they name
}

void GpuSession::forgetRecordings() {
  for (Entry *entry : {&f32, &u8}) {
    for (Recorded &slot : entry->recorded)
      slot = Recorded();
    entry->batch = -1;
  }
}

Status GpuSession::reserveEntry(Entry &entry, int64_t maxBatch) {
  const auto &driver = model->driver();
  ARCHRT_TRY(entry.program->checkBatch(maxBatch));
  auto input = static_cast<uint64_t>(evaluate(bufferAt(entry.program->inputs[0]).size(), maxBatch));
  auto output = static_cast<uint64_t>(evaluate(bufferAt(entry.program->outputs[0]).size(), maxBatch));
  ARCHRT_ASSIGN(entry.input, DeviceBuffer::allocate(driver, input));
  ARCHRT_ASSIGN(entry.output, DeviceBuffer::allocate(driver, output));
  ARCHRT_ASSIGN(entry.hostInput, HostBuffer::allocate(driver, input));
  ARCHRT_ASSIGN(entry.hostOutput, HostBuffer::allocate(driver, output));
  entry.binding.reserve(*entry.program);
  return {};
}

Status GpuSession::reserve(int64_t maxBatch) {
  auto lock = model->driver()->lock();
  forgetRecordings();
  reservedBatch = 0; // until all of it is there
  f32.program = &model->forwardF32();
  u8.program = model->forwardU8();
  ARCHRT_TRY(reserveEntry(f32, maxBatch));
  uint64_t arenaBytes = f32.program->arenaBytes(maxBatch);
  if (u8.program) {
    ARCHRT_TRY(reserveEntry(u8, maxBatch));
    arenaBytes = std::max<uint64_t>(arenaBytes, u8.program->arenaBytes(maxBatch));
  }
  ARCHRT_ASSIGN(arena, DeviceBuffer::allocate(model->driver(), arenaBytes));
  reservedBatch = maxBatch;
  Status status = reserveTaps();
  reservedBatch = status.ok() ? maxBatch : 0;
  return status;
}

BufferBases GpuSession::basesOf(const Entry &entry) const {
  BufferBases bases;
  bases.arena = arena.base();
  bases.packed = weights->base();
  bases.inputs[0] = entry.input.base();
  bases.outputs[0] = entry.output.base();
  return bases;
}

void GpuSession::bind(Entry &entry, int64_t batch) {
  if (entry.batch == batch)
    return;
  entry.binding.resolve(*entry.program, basesOf(entry), batch);
  entry.batch = batch;
}

Status GpuSession::upload(Entry &entry, int64_t batch) {
  auto bytes = static_cast<uint64_t>(evaluate(bufferAt(entry.program->inputs[0]).size(), batch));
  return driver().upload(entry.input.pointer(), entry.hostInput.data(), bytes).in("uploading the input");
}

Status GpuSession::download(Entry &entry, int64_t batch) {
  auto bytes = static_cast<uint64_t>(evaluate(bufferAt(entry.program->outputs[0]).size(), batch));
  return driver().download(entry.hostOutput.data(), entry.output.pointer(), bytes).in("downloading the output");
}

Status GpuSession::enqueue(Entry &entry, int64_t batch) {
  ARCHRT_TRY(upload(entry, batch));
  for (size_t i = 0; i < entry.program->steps.size(); ++i)
    ARCHRT_TRY(launchStep(driver(), *entry.program, i, entry.binding));
  return download(entry, batch);
}

/// The place of this batch size, or, for a new one, that of the size used longest ago.
GpuSession::Recorded &GpuSession::slotOf(Entry &entry, int64_t batch) {
  auto &slots = entry.recorded;
  auto found = std::find_if(slots.begin(), slots.end(), [&](const Recorded &slot) { return slot.batch == batch; });
  if (found == slots.end())
    found =
        std::min_element(slots.begin(), slots.end(), [](const Recorded &a, const Recorded &b) { return a.lastUse < b.lastUse; });
  found->lastUse = ++uses;
  return *found;
}

/// A recording is ended whatever happened, else the driver would go on recording.
Status GpuSession::record(Entry &entry, Recorded &slot) {
  ARCHRT_TRY(driver().beginRecording());
  Status status = enqueue(entry, slot.batch);
  auto ended = driver().endRecording();
  ARCHRT_TRY(std::move(status));
  ARCHRT_ASSIGN(slot.recording, std::move(ended));
  records = slot.recording != nullptr;
  return records ? driver().replay(*slot.recording) : Status();
}

Status GpuSession::runWhole(Entry &entry, int64_t batch) {
  Recorded &slot = slotOf(entry, batch);
  bool seen = slot.batch == batch;
  if (seen && slot.recording) {
    ARCHRT_TRY(driver().replay(*slot.recording).in(concat("running a batch of ", batch)));
  } else {
    bind(entry, batch);
    slot.recording = nullptr;
    slot.batch = batch;
    ARCHRT_TRY(seen && records ? record(entry, slot) : enqueue(entry, batch));
  }
  Status status = driver().synchronize();
  if (status.ok())
    return status;
  return Status(status.code(),
                concat("running a batch of ", batch, ": ", status.message(), "; `archc bench --per-kernel` runs the ",
                       entry.program->steps.size(), " kernels one by one, so that the error names one"));
}

Status GpuSession::run(const DeviceRun &run) {
  auto lock = model->driver()->lock();
  auto current = model->packedWeights();
  if (!current)
    return invalid("the model has no weights; set them before running");
  if (run.batch < 1 || run.batch > reservedBatch)
    return invalid("the batch is ", run.batch, "; expected 1 to the ", reservedBatch, " that memory was reserved for");
  if (current != weights) {
    forgetRecordings();
    weights = std::move(current);
  }
  Entry &entry = run.kind == InputKind::U8 ? u8 : f32;
  ThreadPool &pool = model->pool();
  {
    auto threads = pool.lock();
    copyIn(BoundRows::of(bufferAt(entry.program->inputs[0]), run.batch), entry.hostInput.data(), run.input, pool);
  }
  bool stepwise = !entry.taps.empty() || (profiling && &entry == &f32);
  Status status = stepwise ? runStepwise(entry, run) : runWhole(entry, run.batch);
  if (!status.ok()) {
    (void)driver().synchronize(); // what is under way uses memory that the caller may now free; its own error was told
    return status;
  }
  auto threads = pool.lock();
  copyOut(BoundRows::of(bufferAt(entry.program->outputs[0]), run.batch), run.output, entry.hostOutput.data(), pool);
  return {};
}

Status GpuSession::runStepwise(Entry &entry, const DeviceRun &run) {
  bind(entry, run.batch);
  ARCHRT_TRY(upload(entry, run.batch));
  ARCHRT_TRY(driver().synchronize().in("uploading the input"));
  size_t nextTap = 0;
  for (size_t i = 0; i < entry.program->steps.size(); ++i) {
    ARCHRT_TRY(timedStep(entry, i));
    for (; nextTap < entry.taps.size() && entry.taps[nextTap].step == i; ++nextTap)
      ARCHRT_TRY(downloadTap(entry, entry.taps[nextTap], run));
  }
  ARCHRT_TRY(download(entry, run.batch));
  return driver().synchronize().in("downloading the output");
}

Status GpuSession::timedStep(Entry &entry, size_t index) {
  auto start = std::chrono::steady_clock::now();
  ARCHRT_TRY(launchStep(driver(), *entry.program, index, entry.binding));
  Status status = driver().synchronize();
  if (!status.ok())
    return std::move(status).in(entry.program->nameOf(index));
  if (profiling && &entry == &f32)
    times[index].add(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  return {};
}

void GpuSession::setProfiling(bool on) {
  profiling = on;
  if (!on)
    return;
  times.clear();
  for (const ProgramStep &step : model->forwardF32().steps) {
    times.emplace_back();
    times.back().step = step.source;
  }
}

Status GpuSession::downloadTap(Entry &entry, const ProgramTap &tap, const DeviceRun &run) {
  const abi::Buffer &buffer = bufferAt(tap.buffer);
  void *from = addressOf(*entry.program, *model->plan(), tap.buffer, basesOf(entry), run.batch);
  auto bytes = static_cast<uint64_t>(evaluate(buffer.size(), run.batch));
  Status status = driver().download(tapMemory.data(), reinterpret_cast<uintptr_t>(from), bytes);
  if (status.ok())
    status = driver().synchronize();
  ARCHRT_TRY(std::move(status).in(concat("downloading what ", entry.program->nameOf(tap.step), " wrote")));
  auto threads = model->pool().lock();
  copyOut(BoundRows::of(buffer, run.batch), run.taps[tap.slot], tapMemory.data(), model->pool());
  return {};
}

/// One tensor at a time passes through it.
Status GpuSession::reserveTaps() {
  uint64_t bytes = 0;
  for (const Entry *entry : {&f32, &u8})
    for (const ProgramTap &tap : entry->taps)
      bytes = std::max(bytes, static_cast<uint64_t>(evaluate(bufferAt(tap.buffer).size(), reservedBatch)));
  if (bytes > tapMemory.size()) {
    ARCHRT_ASSIGN(tapMemory, HostBuffer::allocate(model->driver(), bytes));
  }
  return {};
}

Status GpuSession::setTaps(const std::vector<uint32_t> &values) {
  auto lock = model->driver()->lock();
  std::vector<ProgramTap> u8Taps;
  ARCHRT_ASSIGN(std::vector<ProgramTap> f32Taps, findTaps(model->forwardF32(), values));
  if (model->forwardU8()) {
    ARCHRT_ASSIGN(u8Taps, findTaps(*model->forwardU8(), values));
  }
  f32.taps.swap(f32Taps);
  u8.taps.swap(u8Taps);
  Status status = reserveTaps();
  if (!status.ok()) { // as it was before
    f32.taps.swap(f32Taps);
    u8.taps.swap(u8Taps);
  }
  return status;
}

} // namespace archrt::gpu
