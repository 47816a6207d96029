#include "runtime/device/gpu/GpuProgram.h"

namespace archrt::gpu {

/// What drivers number blocks with along x.
static constexpr int64_t kMaxBlocks = (int64_t(1) << 31) - 1;

Result<GpuProgram> GpuProgram::build(const Artifact &artifact, const abi::TargetPlan &plan, const abi::PlanFunction &function,
                                     Module &module) {
  GpuProgram program;
  program.plan = &plan;
  program.model = &artifact.model();
  ARCHRT_ASSIGN(static_cast<PlanProgram &>(program), PlanProgram::build(plan, function));
  for (size_t i = 0; i < program.steps.size(); ++i) {
    const abi::Kernel &kernel = program.kernelOf(i);
    auto entry = module.function(std::string(textOf(kernel.name())), static_cast<uint32_t>(kernel.launch()->shared()));
    if (!entry.ok())
      return Status(entry.status()).in(program.nameOf(i));
    program.entries.push_back(*entry);
  }
  return program;
}

std::string GpuProgram::nameOf(size_t index) const {
  std::string name = concat("kernel `", textOf(kernelOf(index).name()), "`");
  uint32_t place = steps[index].source->location();
  if (place >= sizeOf(model->locations()))
    return name;
  const abi::Location &location = *model->locations()->Get(place);
  if (!textOf(location.path()).empty())
    name += concat(" of `", textOf(location.path()), "`");
  if (sizeOf(location.lines()) > 0)
    name += concat(" (", textOf(location.lines()->Get(0)->file()), ":", location.lines()->Get(0)->line(), ")");
  return name;
}

static int64_t blocksOf(const abi::Kernel &kernel, int64_t extent) {
  auto block = static_cast<int64_t>(kernel.launch()->block());
  return extent / block + (extent % block != 0);
}

Status GpuProgram::checkBatch(int64_t batch) const {
  for (size_t i = 0; i < steps.size(); ++i)
    if (int64_t blocks = blocksOf(kernelOf(i), steps[i].extent(batch)); blocks > kMaxBlocks)
      return invalid(nameOf(i), " needs ", blocks, " thread blocks for a batch of ", batch, "; expected at most ", kMaxBlocks);
  return {};
}

void GpuBinding::reserve(const GpuProgram &program) {
  shapes.assign(program.steps.size(), {});
  operands.resize(program.steps.size());
  for (size_t i = 0; i < program.steps.size(); ++i)
    operands[i].assign(sizeOf(program.steps[i].source->operands()), {});
}

void GpuBinding::resolve(const GpuProgram &program, const BufferBases &bases, int64_t batch) {
  for (size_t i = 0; i < program.steps.size(); ++i) {
    const ProgramStep &step = program.steps[i];
    const abi::Launch &launch = *program.kernelOf(i).launch();
    int64_t extent = step.extent(batch);
    shapes[i] = {static_cast<uint32_t>(blocksOf(program.kernelOf(i), extent)), launch.threads(),
                 static_cast<uint32_t>(launch.shared()), batch, extent};
    for (size_t k = 0; k < operands[i].size(); ++k) {
      uint32_t index = program.operands[step.firstOperand + k];
      void *address = addressOf(program, *program.plan, index, bases, batch);
      operands[i][k].pointer = reinterpret_cast<uintptr_t>(address);
      operands[i][k].bytes = static_cast<uint64_t>(evaluate(program.plan->buffers()->Get(index)->size(), batch));
      operands[i][k].writes = step.source->operands()->Get(k)->access() == abi::Access::Write;
    }
  }
}

Status launchStep(Driver &driver, const GpuProgram &program, size_t index, const GpuBinding &binding) {
  if (binding.shapes[index].blocks == 0)
    return {};
  Status status = driver.launch(*program.entries[index], binding.shapes[index], binding.operands[index]);
  return status.ok() ? std::move(status) : std::move(status).in(program.nameOf(index));
}

} // namespace archrt::gpu
