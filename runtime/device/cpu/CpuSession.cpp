#include "runtime/device/cpu/CpuSession.h"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace archrt {

namespace {
/// A tensor of rows: [rows, width] with `stride` elements from row to row.
struct Rows {
  int64_t count = 1, width = 1, stride = 1;
  int64_t elementBytes = 4;
  size_t denseBytes() const { return static_cast<size_t>(count * width * elementBytes); }
  bool dense() const { return stride == width; }
};
} // namespace

static Rows rowsOf(const abi::Buffer &buffer, int64_t batch) {
  Rows rows;
  size_t rank = sizeOf(buffer.shape());
  for (size_t i = 0; i + 1 < rank; ++i)
    rows.count *= evaluate(buffer.shape()->Get(i), batch);
  rows.width = rank ? evaluate(buffer.shape()->Get(rank - 1), batch) : 0;
  rows.stride = buffer.row_stride() ? buffer.row_stride() : rows.width;
  rows.elementBytes = elementBytes(buffer.dtype());
  return rows;
}

/// Whether the caller's dense memory can stand for the buffer: aligned, without padding, and no byte short of what kernels may touch.
static bool fits(const abi::Buffer &buffer, const void *memory, int64_t batch) {
  Rows rows = rowsOf(buffer, batch);
  return rows.dense() && reinterpret_cast<uintptr_t>(memory) % kBufferAlignment == 0 &&
         static_cast<size_t>(evaluate(buffer.size(), batch)) <= rows.denseBytes();
}

namespace {
struct RowTarget {
  uint8_t *data;
  int64_t stride;
};
struct RowSource {
  const uint8_t *data;
  int64_t stride;
};
} // namespace

/// Copies rows that are `from.stride` elements apart to where they are `to.stride` apart.
static void copyRows(const Rows &rows, RowTarget to, RowSource from, ThreadPool &pool) {
  int64_t size = rows.width * rows.elementBytes, grain = std::max<int64_t>(1, 16384 / std::max<int64_t>(1, size));
  int64_t toStride = to.stride * rows.elementBytes, fromStride = from.stride * rows.elementBytes;
  pool.parallelFor(rows.count, grain, [&](int64_t begin, int64_t end, int) {
    if (toStride == size && fromStride == size) {
      std::memcpy(to.data + begin * size, from.data + begin * size, (end - begin) * size);
      return;
    }
    for (int64_t row = begin; row < end; ++row)
      std::memcpy(to.data + row * toStride, from.data + row * fromStride, size);
  });
}

Status CpuSession::reserveEntry(Entry &entry, int64_t maxBatch) {
  const abi::TargetPlan &plan = *model->plan();
  ARCHRT_TRY(entry.binding.reserve(*entry.program, model->pool().threads()));
  const abi::Buffer &input = *plan.buffers()->Get(entry.program->inputBuffer);
  const abi::Buffer &output = *plan.buffers()->Get(entry.program->outputBuffer);
  // Untouched pages cost nothing, so staging is there whether or not callers come with memory that fits.
  ARCHRT_ASSIGN(entry.input, AlignedBuffer::allocate(evaluate(input.size(), maxBatch)));
  ARCHRT_ASSIGN(entry.output, AlignedBuffer::allocate(evaluate(output.size(), maxBatch)));
  entry.batch = -1;
  return {};
}

Status CpuSession::reserve(int64_t maxBatch) {
  f32.program = &model->forwardF32();
  u8.program = model->forwardU8();
  size_t arenaBytes = f32.program->arenaBytes(maxBatch);
  ARCHRT_TRY(reserveEntry(f32, maxBatch));
  if (u8.program) {
    ARCHRT_TRY(reserveEntry(u8, maxBatch));
    arenaBytes = std::max(arenaBytes, u8.program->arenaBytes(maxBatch));
  }
  ARCHRT_ASSIGN(arena, AlignedBuffer::allocate(arenaBytes));
  return {};
}

/// Resolves addresses again only when something moved; a server that runs the same buffers does it once.
void CpuSession::bind(Entry &entry, const DeviceRun &run, const PackedWeights &packed) {
  const abi::TargetPlan &plan = *model->plan();
  const abi::Buffer &input = *plan.buffers()->Get(entry.program->inputBuffer);
  const abi::Buffer &output = *plan.buffers()->Get(entry.program->outputBuffer);
  BufferBases bases;
  bases.arena = arena.data();
  bases.packed = packed.data();
  bases.input = fits(input, run.input, run.batch) ? const_cast<void *>(run.input) : entry.input.data();
  bases.output = fits(output, run.output, run.batch) ? run.output : static_cast<void *>(entry.output.data());
  const BufferBases &old = entry.bound;
  if (entry.batch == run.batch && old.arena == bases.arena && old.packed == bases.packed && old.input == bases.input &&
      old.output == bases.output)
    return;
  entry.binding.resolve(*entry.program, plan, bases, run.batch);
  entry.bound = bases;
  entry.batch = run.batch;
}

Status CpuSession::run(const DeviceRun &run) {
  weights = model->packedWeights();
  if (!weights)
    return invalid("the model has no weights; set them before running");
  Entry &entry = run.kind == InputKind::U8 ? u8 : f32;
  DefaultFloatEnvironment environment;
  ThreadPool &pool = model->pool();
  auto lock = pool.lock();
  bind(entry, run, *weights);
  const abi::TargetPlan &plan = *model->plan();
  if (entry.bound.input != run.input) {
    Rows rows = rowsOf(*plan.buffers()->Get(entry.program->inputBuffer), run.batch);
    copyRows(rows, {static_cast<uint8_t *>(entry.bound.input), rows.stride},
             {static_cast<const uint8_t *>(run.input), rows.width}, pool);
  }
  execute(entry, run);
  if (entry.bound.output != run.output) {
    Rows rows = rowsOf(*plan.buffers()->Get(entry.program->outputBuffer), run.batch);
    copyRows(rows, {reinterpret_cast<uint8_t *>(run.output), rows.width},
             {static_cast<const uint8_t *>(entry.bound.output), rows.stride}, pool);
  }
  return {};
}

void CpuSession::execute(Entry &entry, const DeviceRun &run) {
  const Program &program = *entry.program;
  ThreadPool &pool = model->pool();
  const std::vector<Tap> &taps = &entry == &u8 ? u8Taps : f32Taps;
  bool stepwise = !taps.empty() || profiling || run.batch < pool.threads();
  size_t nextTap = 0;
  for (size_t i = 0; i < program.steps.size();) {
    if (!stepwise && program.steps[i].regionEnd != 0) {
      runRegion(program, i, program.steps[i].regionEnd, entry.binding, pool);
      i = program.steps[i].regionEnd;
      continue;
    }
    if (profiling && &entry == &f32)
      timedStep(entry, i);
    else
      runStep(program, i, entry.binding, pool);
    for (; nextTap < taps.size() && taps[nextTap].step == i; ++nextTap)
      copyTap(entry, taps[nextTap], run);
    ++i;
  }
}

void CpuSession::timedStep(Entry &entry, size_t index) {
  auto start = std::chrono::steady_clock::now();
  runStep(*entry.program, index, entry.binding, model->pool());
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  StepTime &time = times[index];
  time.totalSeconds += seconds;
  time.minSeconds = time.runs == 0 ? seconds : std::min(time.minSeconds, seconds);
  ++time.runs;
}

void CpuSession::setProfiling(bool on) {
  profiling = on;
  if (!on)
    return;
  times.clear();
  for (const ProgramStep &step : model->forwardF32().steps) {
    times.emplace_back();
    times.back().step = step.source;
  }
}

void CpuSession::copyTap(const Entry &entry, const Tap &tap, const DeviceRun &run) const {
  Rows rows = rowsOf(*tap.buffer, run.batch);
  const void *from = addressOf(*tap.buffer, entry.bound, run.batch);
  copyRows(rows, {reinterpret_cast<uint8_t *>(run.taps[tap.slot]), rows.width}, {static_cast<const uint8_t *>(from), rows.stride},
           model->pool());
}

Status CpuSession::setTaps(const std::vector<uint32_t> &values) {
  auto collect = [&](const Program *program, std::vector<Tap> &taps) {
    std::vector<char> found(values.size(), 0);
    for (size_t i = 0; program && i < program->steps.size(); ++i) {
      const abi::Step &step = *program->steps[i].source;
      for (size_t k = 0; k < sizeOf(step.taps()); ++k)
        for (size_t slot = 0; slot < values.size(); ++slot)
          if (!found[slot] && step.taps()->Get(k) == values[slot]) {
            taps.push_back({i, model->plan()->buffers()->Get(step.tap_buffers()->Get(k)), slot});
            found[slot] = 1;
          }
    }
    return !program || taps.size() == values.size();
  };
  std::vector<Tap> f32Found, u8Found;
  if (!collect(&model->forwardF32(), f32Found) || !collect(model->forwardU8(), u8Found))
    return invalid("a tap is not held in memory by this plan");
  f32Taps = std::move(f32Found);
  u8Taps = std::move(u8Found);
  return {};
}

} // namespace archrt
