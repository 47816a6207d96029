#include "runtime/device/gpu/GpuPrepare.h"

#include <algorithm>

namespace archrt::gpu {

/// Room for parameters on their way from a file to the device; more than one, so that reading need not wait for each copy.
static constexpr uint64_t kStagingBytes = uint64_t(16) << 20;
static constexpr uint64_t kParamAlignment = 256;

static uint64_t aligned(uint64_t bytes) { return (bytes + kParamAlignment - 1) / kParamAlignment * kParamAlignment; }

namespace {

class Preparation {
public:
  Preparation(const std::shared_ptr<SharedDriver> &driver, const GpuProgram &program, const ParamStore *weights)
      : driver(driver), program(program), weights(weights) {}

  Status run(const DeviceBuffer &packed);

private:
  Status reserve(const DeviceBuffer &packed);
  Status uploadParamsOf(size_t step);
  Result<const void *> hostBytes(uint32_t param);

  const std::shared_ptr<SharedDriver> &driver;
  const GpuProgram &program;
  const ParamStore *weights;
  DeviceBuffer params, arena;
  HostBuffer staging;
  uint64_t staged = 0;           // bytes of `staging` that copies under way read
  std::vector<void *> addresses; // by parameter; null: not needed
  std::vector<char> uploaded;    // by parameter
  GpuBinding binding;
};

} // namespace

/// Memory for what the program reads, and the addresses in it.
Status Preparation::reserve(const DeviceBuffer &packed) {
  size_t count = weights ? weights->size() : 0;
  addresses.assign(count, nullptr);
  uploaded.assign(count, 0);
  std::vector<uint64_t> offsets(count, 0);
  std::vector<char> needed(count, 0);
  uint64_t total = 0, mostStaged = 0;
  for (uint32_t index : program.operands) {
    const abi::Buffer &buffer = *program.plan->buffers()->Get(index);
    if (buffer.storage() != abi::Storage::Param || needed[buffer.param()])
      continue;
    uint64_t bytes = aligned(weights->byteSize(buffer.param()));
    needed[buffer.param()] = 1;
    offsets[buffer.param()] = total;
    total += bytes;
    if (!weights->data(buffer.param()))
      mostStaged = std::max(mostStaged, bytes);
  }
  ARCHRT_ASSIGN(params, DeviceBuffer::allocate(driver, total));
  ARCHRT_ASSIGN(arena, DeviceBuffer::allocate(driver, program.arenaBytes(0)));
  if (mostStaged) {
    ARCHRT_ASSIGN(staging, HostBuffer::allocate(driver, std::max(mostStaged, std::min(total, kStagingBytes))));
  }
  for (size_t i = 0; i < count; ++i)
    if (needed[i])
      addresses[i] = params.base() + offsets[i];
  BufferBases bases;
  bases.arena = arena.base();
  bases.packed = packed.base();
  bases.paramAddresses = addresses.data();
  binding.reserve(program);
  binding.resolve(program, bases, /*batch=*/0);
  return {};
}

/// Where the bytes of a parameter lie: in memory already, or read into the staging memory.
Result<const void *> Preparation::hostBytes(uint32_t param) {
  if (const void *memory = weights->data(param))
    return memory;
  uint64_t bytes = aligned(weights->byteSize(param));
  if (staged + bytes > staging.size()) {
    ARCHRT_TRY((*driver)->synchronize().in("uploading weights"));
    staged = 0;
  }
  void *memory = staging.data() + staged;
  ARCHRT_TRY(weights->read(param, memory));
  weights->discard(param);
  staged += bytes;
  return static_cast<const void *>(memory);
}

Status Preparation::uploadParamsOf(size_t step) {
  const ProgramStep &source = program.steps[step];
  for (size_t k = 0; k < sizeOf(source.source->operands()); ++k) {
    const abi::Buffer &buffer = *program.plan->buffers()->Get(program.operands[source.firstOperand + k]);
    if (buffer.storage() != abi::Storage::Param || uploaded[buffer.param()])
      continue;
    ARCHRT_ASSIGN(const void *memory, hostBytes(buffer.param()));
    DevicePointer to = reinterpret_cast<uintptr_t>(addresses[buffer.param()]);
    ARCHRT_TRY((*driver)->upload(to, memory, weights->byteSize(buffer.param())).in("uploading weights"));
    uploaded[buffer.param()] = 1;
  }
  return {};
}

Status Preparation::run(const DeviceBuffer &packed) {
  ARCHRT_TRY(reserve(packed));
  Status status;
  for (size_t i = 0; i < program.steps.size() && status.ok(); ++i) {
    status = uploadParamsOf(i);
    if (status.ok())
      status = launchStep(**driver, program, i, binding);
  }
  // Also after a failure: what is under way reads memory that is about to go.
  Status end = (*driver)->synchronize().in("preparing the weights");
  return status.ok() ? end : status;
}

Status prepareOnDevice(const std::shared_ptr<SharedDriver> &driver, const GpuProgram &program, const ParamStore *weights,
                       const DeviceBuffer &packed) {
  auto lock = driver->lock();
  return Preparation(driver, program, weights).run(packed);
}

} // namespace archrt::gpu
