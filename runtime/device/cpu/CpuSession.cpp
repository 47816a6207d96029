#include "runtime/device/cpu/CpuSession.h"

#include "runtime/device/cpu/BoundRows.h"

#include <algorithm>
#include <chrono>

namespace archrt {

Status CpuSession::reserveEntry(Entry &entry, int64_t maxBatch) {
  const abi::TargetPlan &plan = *model->plan();
  ARCHRT_TRY(entry.binding.reserve(*entry.program, model->pool().threads()));
  const abi::Buffer &input = *plan.buffers()->Get(entry.program->inputs[0]);
  const abi::Buffer &output = *plan.buffers()->Get(entry.program->outputs[0]);
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
  const abi::Buffer &input = *plan.buffers()->Get(entry.program->inputs[0]);
  const abi::Buffer &output = *plan.buffers()->Get(entry.program->outputs[0]);
  BufferBases bases;
  bases.arena = arena.data();
  bases.packed = packed.data();
  bases.inputs[0] = fits(input, run.input, run.batch) ? const_cast<void *>(run.input) : entry.input.data();
  bases.outputs[0] = fits(output, run.output, run.batch) ? run.output : static_cast<void *>(entry.output.data());
  const BufferBases &old = entry.bound;
  if (entry.batch == run.batch && old.arena == bases.arena && old.packed == bases.packed && old.inputs[0] == bases.inputs[0] &&
      old.outputs[0] == bases.outputs[0])
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
  if (entry.bound.inputs[0] != run.input) {
    BoundRows rows = BoundRows::of(*plan.buffers()->Get(entry.program->inputs[0]), run.batch);
    copyIn(rows, entry.bound.inputs[0], run.input, pool);
  }
  execute(entry, run);
  if (entry.bound.outputs[0] != run.output) {
    BoundRows rows = BoundRows::of(*plan.buffers()->Get(entry.program->outputs[0]), run.batch);
    copyOut(rows, run.output, entry.bound.outputs[0], pool);
  }
  return {};
}

void CpuSession::execute(Entry &entry, const DeviceRun &run) {
  const Program &program = *entry.program;
  ThreadPool &pool = model->pool();
  const std::vector<ProgramTap> &taps = &entry == &u8 ? u8Taps : f32Taps;
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
  times[index].add(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
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

void CpuSession::copyTap(const Entry &entry, const ProgramTap &tap, const DeviceRun &run) const {
  const void *from = addressOf(*entry.program, *model->plan(), tap.buffer, entry.bound, run.batch);
  copyOut(BoundRows::of(*model->plan()->buffers()->Get(tap.buffer), run.batch), run.taps[tap.slot], from, model->pool());
}

Status CpuSession::setTaps(const std::vector<uint32_t> &values) {
  std::vector<ProgramTap> u8Found;
  ARCHRT_ASSIGN(std::vector<ProgramTap> f32Found, findTaps(model->forwardF32(), values));
  if (model->forwardU8()) {
    ARCHRT_ASSIGN(u8Found, findTaps(*model->forwardU8(), values));
  }
  f32Taps = std::move(f32Found);
  u8Taps = std::move(u8Found);
  return {};
}

} // namespace archrt
