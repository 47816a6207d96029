#include "runtime/device/cpu/Prepare.h"

#include <algorithm>
#include <atomic>
#include <numeric>

namespace archrt {

namespace {

class Preparation {
public:
  Preparation(const Program &program, const abi::TargetPlan &plan, const ParamStore *weights, ThreadPool &pool)
      : program(program), plan(plan), weights(weights), pool(pool) {}

  Status run(uint8_t *packed);

private:
  const abi::Step &stepAt(size_t index) const { return *program.steps[index].source; }
  const abi::Buffer &bufferOf(const abi::Step &step, size_t operand) const {
    return *plan.buffers()->Get(step.operands()->Get(operand)->buffer());
  }
  bool isStaged(const abi::Buffer &buffer) const {
    return weights && buffer.storage() == abi::Storage::Param && !weights->data(buffer.param());
  }
  size_t stagedBytes(size_t index) const;
  size_t writtenBytes(size_t index) const;
  bool isIndependent() const;
  Status stage(size_t index, uint8_t *staging);
  Status runAlone(const std::vector<size_t> &steps);
  Status runSideBySide(const std::vector<size_t> &steps);

  const Program &program;
  const abi::TargetPlan &plan;
  const ParamStore *weights;
  ThreadPool &pool;
  ProgramBinding binding;
  AlignedBuffer staging; // a part for each thread
  size_t stagingStride = 0;
};

} // namespace

static size_t aligned(size_t bytes) { return (bytes + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment; }

size_t Preparation::stagedBytes(size_t index) const {
  size_t bytes = 0;
  for (size_t i = 0; i < sizeOf(stepAt(index).operands()); ++i)
    if (const abi::Buffer &buffer = bufferOf(stepAt(index), i); isStaged(buffer))
      bytes += aligned(weights->byteSize(buffer.param()));
  return bytes;
}

size_t Preparation::writtenBytes(size_t index) const {
  size_t bytes = 0;
  for (size_t i = 0; i < sizeOf(stepAt(index).operands()); ++i)
    if (stepAt(index).operands()->Get(i)->access() == abi::Access::Write)
      bytes += static_cast<size_t>(evaluate(bufferOf(stepAt(index), i).size(), 0));
  return bytes;
}

/// Whether each step only reads parameters and writes packed weights, each in a place of its own.
bool Preparation::isIndependent() const {
  std::vector<std::pair<int64_t, int64_t>> written;
  for (const ProgramStep &step : program.steps)
    for (size_t i = 0; i < sizeOf(step.source->operands()); ++i) {
      const abi::Buffer &buffer = bufferOf(*step.source, i);
      bool writes = step.source->operands()->Get(i)->access() == abi::Access::Write;
      if (buffer.storage() != (writes ? abi::Storage::Packed : abi::Storage::Param))
        return false;
      int64_t offset = evaluate(buffer.offset(), 0);
      if (writes)
        written.emplace_back(offset, offset + evaluate(buffer.size(), 0));
    }
  std::sort(written.begin(), written.end());
  for (size_t i = 1; i < written.size(); ++i)
    if (written[i].first < written[i - 1].second)
      return false;
  return true;
}

/// Reads the parameters of a step that are not in memory, and says where they are.
Status Preparation::stage(size_t index, uint8_t *next) {
  const abi::Step &step = stepAt(index);
  for (size_t i = 0; i < sizeOf(step.operands()); ++i) {
    const abi::Buffer &buffer = bufferOf(step, i);
    if (!isStaged(buffer))
      continue;
    ARCHRT_TRY(weights->read(buffer.param(), next));
    weights->discard(buffer.param());
    binding.addresses[program.steps[index].firstOperand + i] = next;
    next += aligned(weights->byteSize(buffer.param()));
  }
  return {};
}

/// One step after the other, each on all threads.
Status Preparation::runAlone(const std::vector<size_t> &steps) {
  auto lock = pool.lock();
  for (size_t index : steps) {
    ARCHRT_TRY(stage(index, staging.data()));
    runStep(program, index, binding, pool);
  }
  return {};
}

/// Each step on one thread, which takes the next one when it is done.
Status Preparation::runSideBySide(const std::vector<size_t> &steps) {
  std::atomic<size_t> next{0};
  std::vector<Status> failures(pool.threads());
  auto lock = pool.lock();
  pool.parallelFor(pool.threads(), 1, [&](int64_t, int64_t, int worker) {
    for (size_t i = next++; i < steps.size() && failures[worker].ok(); i = next++) {
      failures[worker] = stage(steps[i], staging.data() + worker * stagingStride);
      if (failures[worker].ok())
        runStepOn(program, steps[i], binding, worker);
    }
  });
  for (Status &failure : failures)
    ARCHRT_TRY(std::move(failure));
  return {};
}

Status Preparation::run(uint8_t *packed) {
  ARCHRT_ASSIGN(AlignedBuffer arena, AlignedBuffer::allocate(program.arenaBytes(0)));
  BufferBases bases;
  bases.arena = arena.data();
  bases.packed = packed;
  bases.params = weights;
  ARCHRT_TRY(binding.reserve(program, pool.threads()));
  binding.resolve(program, plan, bases, 0);
  std::vector<size_t> order(program.steps.size()), large, small;
  std::iota(order.begin(), order.end(), size_t(0));
  size_t total = 0, mostStaged = 0;
  for (size_t index : order) {
    total += writtenBytes(index);
    mostStaged = std::max(mostStaged, stagedBytes(index));
  }
  stagingStride = aligned(mostStaged) + kBufferAlignment;
  ARCHRT_ASSIGN(staging, AlignedBuffer::allocate(mostStaged ? stagingStride * pool.threads() : 0));
  if (pool.threads() == 1 || !isIndependent())
    return runAlone(order);
  // A step that is more than a thread's share would keep the others waiting.
  for (size_t index : order)
    (writtenBytes(index) * pool.threads() > total ? large : small).push_back(index);
  std::stable_sort(small.begin(), small.end(), [&](size_t a, size_t b) { return writtenBytes(a) > writtenBytes(b); });
  ARCHRT_TRY(runAlone(large));
  return runSideBySide(small);
}

Status runPrepare(const Program &program, const abi::TargetPlan &plan, const ParamStore *weights, uint8_t *packed,
                  ThreadPool &pool) {
  DefaultFloatEnvironment environment;
  return Preparation(program, plan, weights, pool).run(packed);
}

} // namespace archrt
