#include "runtime/graph/PlanSteps.h"
#include "runtime/graph/Validate.h"
#include "runtime/graph/WrittenMemory.h"

#include "runtime/core/AlignedBuffer.h"

#include <algorithm>
#include <set>
#include <unordered_set>
#include <vector>

namespace archrt {

static constexpr uint64_t kMaxScratch = uint64_t(1) << 30;
static constexpr uint64_t kMaxPacked = uint64_t(1) << 40;

// What thread blocks can be: the shared memory of the largest chips, as many threads as every chip allows.
static constexpr uint64_t kMaxShared = 232448, kMaxBlock = uint64_t(1) << 40;
static constexpr uint32_t kMaxThreads = 1024, kWarp = 32;

namespace {

/// a <= b for every batch from 1 to kMaxBatch: both are affine, so the ends decide.
bool alwaysAtMost(int64_t constantA, int64_t batchA, int64_t constantB, int64_t batchB) {
  for (int64_t batch : {int64_t(1), kMaxBatch})
    if (constantA + batchA * batch > constantB + batchB * batch)
      return false;
  return true;
}

bool endsBefore(const abi::Buffer &a, const abi::Buffer &b) {
  return alwaysAtMost(a.offset()->constant() + a.size()->constant(), a.offset()->batch() + a.size()->batch(),
                      b.offset()->constant(), b.offset()->batch());
}

/// What a function is for: it decides which buffers its steps may use.
enum class Purpose { Prepare, Forward, PrepareGrad, Grad, Called };

Purpose purposeOf(std::string_view name) {
  if (name == "prepare")
    return Purpose::Prepare;
  if (name == "forward_f32" || name == "forward_u8")
    return Purpose::Forward;
  if (name == "prepare_grad")
    return Purpose::PrepareGrad;
  return name == "grad" ? Purpose::Grad : Purpose::Called;
}

class PlanValidator {
public:
  PlanValidator(const abi::TargetPlan &plan, const abi::Model &model, size_t codeBytes)
      : plan(plan), model(model), codeBytes(codeBytes) {}

  Status run();

private:
  void findReachable();
  Status kernels();
  Status nativeKernel(const abi::Kernel &kernel);
  Status gpuKernel(const abi::Kernel &kernel);
  Status buffer(const abi::Buffer &buffer);
  Status denseShape(const abi::Buffer &buffer);
  Status boundShape(const abi::Buffer &buffer, const abi::TensorType &type);
  Status bound(const flatbuffers::Vector<uint32_t> *list, const flatbuffers::Vector<uint32_t> *values, abi::Storage storage);
  Status param(const abi::Buffer &buffer);
  Status function(const abi::PlanFunction &function);
  Status binding(const abi::PlanFunction &function);
  Status ownBuffers(const abi::PlanFunction &function, const std::vector<const abi::Step *> &steps);
  Status gradients(const std::vector<const abi::Step *> &steps);
  Status step(const abi::Step &step, const abi::PlanFunction &function);
  Status operand(const abi::Operand &operand, const abi::PlanFunction &function);
  Status taps(const abi::Step &step);
  Status initialised(const std::vector<const abi::Step *> &steps);
  Status regions(const std::vector<const abi::Step *> &steps);
  Status region(const std::vector<const abi::Step *> &steps);

  const abi::Buffer &bufferAt(uint32_t index) const { return *plan.buffers()->Get(index); }
  bool preparing() const { return purpose == Purpose::Prepare || purpose == Purpose::PrepareGrad; }
  bool training() const { return purpose == Purpose::PrepareGrad || purpose == Purpose::Grad; }

  const abi::TargetPlan &plan;
  const abi::Model &model;
  size_t codeBytes;
  std::unordered_set<const abi::PlanFunction *> reachable;
  Purpose purpose = Purpose::Called;    // of the function being checked,
  const abi::Function *graph = nullptr; // and the graph function that it computes
};

} // namespace

Status PlanValidator::nativeKernel(const abi::Kernel &kernel) {
  if (kernel.launch())
    return invalid("has a launch, which only kernels of a plan with GPU code have");
  if (kernel.size() == 0 || kernel.offset() > codeBytes || kernel.size() > codeBytes - kernel.offset())
    return invalid("lies outside the ", codeBytes, " bytes of code");
  return {};
}

Status PlanValidator::gpuKernel(const abi::Kernel &kernel) {
  const abi::Launch *launch = kernel.launch();
  if (!launch)
    return invalid("has no launch, but the plan has GPU code");
  // Drivers look kernels up by name, up to the first zero byte.
  if (std::string_view name = textOf(kernel.name()); name.empty() || name.find('\0') != name.npos)
    return invalid("has no name that an entry could have");
  if (launch->threads() == 0 || launch->threads() > kMaxThreads || launch->threads() % kWarp != 0)
    return invalid("has ", launch->threads(), " threads; expected a multiple of ", kWarp, " up to ", kMaxThreads);
  if (launch->block() == 0 || launch->block() > kMaxBlock)
    return invalid("has ", launch->block(), " iterations to a thread block; expected 1 to ", kMaxBlock);
  if (launch->shared() > kMaxShared)
    return invalid("has ", launch->shared(), " bytes of shared memory; expected at most ", kMaxShared);
  return {};
}

Status PlanValidator::kernels() {
  bool gpu = isGpuPlan(plan);
  for (size_t i = 0; i < sizeOf(plan.kernels()); ++i) {
    const abi::Kernel &kernel = *plan.kernels()->Get(i);
    ARCHRT_TRY((gpu ? gpuKernel(kernel) : nativeKernel(kernel)).in(concat("kernel `", textOf(kernel.name()), "`")));
  }
  return {};
}

/// Rows of `row_stride` elements, one for each index of the leading dimensions, inside `size`.
Status PlanValidator::denseShape(const abi::Buffer &buffer) {
  size_t rank = sizeOf(buffer.shape());
  if (rank == 0)
    return {};
  int64_t constant = 1, batch = 0;
  for (size_t i = 0; i < rank; ++i) {
    const abi::Extent *extent = buffer.shape()->Get(i);
    ARCHRT_TRY(validateExtent(extent, "an extent of its shape"));
    int64_t width = extent->constant();
    if (i + 1 == rank && buffer.row_stride() != 0) {
      if (extent->batch() != 0 || buffer.row_stride() < width || buffer.row_stride() > (int64_t(1) << 32))
        return invalid("its row stride is ", buffer.row_stride(), "; expected at least the ", width, " elements of a row");
      width = buffer.row_stride();
    }
    if (extent->batch() != 0 && (batch != 0 || extent->constant() != 0))
      return invalid("its shape is not a multiple of the batch");
    if (extent->batch() != 0) {
      batch = constant;
      constant = 0;
      width = extent->batch();
    }
    int64_t &factor = batch ? batch : constant;
    if (__builtin_mul_overflow(factor, width, &factor) || factor > (int64_t(1) << 40))
      return invalid("its shape is too large");
  }
  int64_t bytes = elementBytes(buffer.dtype());
  if (!alwaysAtMost(constant * bytes, batch * bytes, buffer.size()->constant(), buffer.size()->batch()))
    return invalid("its size is ", buffer.size()->constant(), " + ", buffer.size()->batch(), " * batch bytes; expected at least ",
                   constant * bytes, " + ", batch * bytes, " * batch for its shape");
  return {};
}

/// What a caller binds has the shape of the graph's value.
Status PlanValidator::boundShape(const abi::Buffer &buffer, const abi::TensorType &type) {
  bool isInput = buffer.storage() == abi::Storage::Input;
  size_t rank = sizeOf(buffer.shape());
  bool equal = rank == sizeOf(type.shape());
  for (size_t i = 0; equal && i < rank; ++i) {
    const abi::Extent *extent = buffer.shape()->Get(i), *expected = type.shape()->Get(i);
    equal = extent->batch() == expected->batch() && extent->constant() == expected->constant();
  }
  bool typed = buffer.dtype() == abi::DType::F32 || (isInput && !training() && buffer.dtype() == abi::DType::U8);
  if (!equal || !typed)
    return invalid("its shape or dtype is not that of the model's ", isInput ? "input" : "output");
  return {};
}

Status PlanValidator::param(const abi::Buffer &buffer) {
  if (buffer.param() >= sizeOf(model.params()))
    return invalid("it names parameter ", buffer.param(), "; expected below ", sizeOf(model.params()));
  const abi::Param &param = *model.params()->Get(buffer.param());
  int64_t bytes = elementBytes(param.dtype());
  for (size_t i = 0; i < sizeOf(param.shape()); ++i)
    bytes *= param.shape()->Get(i);
  if (buffer.dtype() != param.dtype() || buffer.size()->batch() != 0 || buffer.size()->constant() > bytes)
    return invalid("it does not fit the parameter `", textOf(param.name()), "` of ", bytes, " bytes");
  return {};
}

Status PlanValidator::buffer(const abi::Buffer &buffer) {
  if (elementBytes(buffer.dtype()) == 0)
    return invalid("unknown dtype ", static_cast<int>(buffer.dtype()));
  ARCHRT_TRY(validateExtent(buffer.size(), "its size"));
  bool placed = buffer.storage() == abi::Storage::Arena || buffer.storage() == abi::Storage::Packed;
  if (placed)
    ARCHRT_TRY(validateExtent(buffer.offset(), "its offset"));
  switch (buffer.storage()) {
  case abi::Storage::Param:
  case abi::Storage::Gradient:
    return param(buffer);
  case abi::Storage::Input:
  case abi::Storage::Output:
    return denseShape(buffer);
  case abi::Storage::Arena:
    ARCHRT_TRY(denseShape(buffer));
    break;
  case abi::Storage::Packed:
    if (buffer.offset()->batch() != 0 || buffer.size()->batch() != 0)
      return invalid("it depends on the batch, which packed weights do not");
    break;
  default:
    return invalid("unknown storage ", static_cast<int>(buffer.storage()));
  }
  if (buffer.offset()->constant() % kBufferAlignment != 0 || buffer.offset()->batch() % kBufferAlignment != 0)
    return invalid("its offset is ", buffer.offset()->constant(), " + ", buffer.offset()->batch(),
                   " * batch; expected multiples of ", kBufferAlignment);
  return {};
}

Status PlanValidator::operand(const abi::Operand &operand, const abi::PlanFunction &function) {
  if (operand.buffer() >= sizeOf(plan.buffers()))
    return invalid("names buffer ", operand.buffer(), "; expected below ", sizeOf(plan.buffers()));
  bool isNeed = operand.need() == abi::Need::Same || operand.need() == abi::Need::All;
  if (operand.access() < abi::Access::MIN || operand.access() > abi::Access::MAX || !isNeed)
    return invalid("has an unknown access or need");
  const abi::Buffer &buffer = bufferAt(operand.buffer());
  bool writes = operand.access() == abi::Access::Write;
  bool allowed = true;
  switch (buffer.storage()) {
  case abi::Storage::Arena:
    if (!alwaysAtMost(buffer.offset()->constant() + buffer.size()->constant(), buffer.offset()->batch() + buffer.size()->batch(),
                      function.arena_bytes()->constant(), function.arena_bytes()->batch()))
      return invalid("lies outside the function's arena");
    break;
  case abi::Storage::Packed: {
    uint64_t bytes = training() ? plan.grad_packed_bytes() : plan.packed_bytes();
    if (static_cast<uint64_t>(buffer.offset()->constant() + buffer.size()->constant()) > bytes)
      return invalid("lies outside the ", bytes, " bytes of packed weights");
    allowed = preparing() || !writes;
    break;
  }
  case abi::Storage::Input:
    allowed = !preparing() && !writes;
    break;
  case abi::Storage::Output:
    allowed = !preparing();
    break;
  case abi::Storage::Param:
    allowed = preparing() && !writes;
    break;
  case abi::Storage::Gradient:
    allowed = purpose == Purpose::Grad;
    break;
  }
  if (!allowed)
    return invalid(writes ? "writes" : "reads", " a buffer of storage `", abi::EnumNameStorage(buffer.storage()),
                   "`, which this function may not");
  return {};
}

Status PlanValidator::taps(const abi::Step &step) {
  if (sizeOf(step.taps()) != sizeOf(step.tap_buffers()))
    return invalid("has ", sizeOf(step.taps()), " taps and ", sizeOf(step.tap_buffers()), " tap buffers; expected as many");
  // What the step writes was found to lie where this function may reach.
  std::unordered_set<uint32_t> written;
  for (size_t k = 0; sizeOf(step.taps()) && k < sizeOf(step.operands()); ++k)
    if (step.operands()->Get(k)->access() == abi::Access::Write)
      written.insert(step.operands()->Get(k)->buffer());
  for (size_t i = 0; i < sizeOf(step.taps()); ++i) {
    uint32_t value = step.taps()->Get(i), index = step.tap_buffers()->Get(i);
    if (value >= sizeOf(graph->values()) || index >= sizeOf(plan.buffers()))
      return invalid("tap ", i, " is out of range");
    if (!written.count(index))
      return invalid("tap ", i, " is in a buffer that the step does not write");
    const abi::Buffer &buffer = bufferAt(index);
    const auto *wanted = graph->values()->Get(value)->shape();
    bool equal = sizeOf(wanted) == sizeOf(buffer.shape()) && sizeOf(wanted) > 0 && buffer.dtype() == abi::DType::F32 &&
                 (buffer.storage() == abi::Storage::Arena || buffer.storage() == abi::Storage::Output);
    for (size_t d = 0; equal && d < wanted->size(); ++d)
      equal = wanted->Get(d)->constant() == buffer.shape()->Get(d)->constant() &&
              wanted->Get(d)->batch() == buffer.shape()->Get(d)->batch();
    if (!equal || wanted->Get(0)->constant() != 0 || wanted->Get(0)->batch() != 1)
      return invalid("tap ", i, " has a buffer of another shape than its value");
  }
  return {};
}

Status PlanValidator::step(const abi::Step &step, const abi::PlanFunction &function) {
  if (step.kernel() >= sizeOf(plan.kernels()))
    return invalid("names kernel ", step.kernel(), "; expected below ", sizeOf(plan.kernels()));
  for (size_t i = 0; i < sizeOf(step.operands()); ++i)
    ARCHRT_TRY(operand(*step.operands()->Get(i), function).in(concat("operand ", i)));
  const abi::Axis &axis = *step.axis();
  if (axis.kind() < abi::AxisKind::MIN || axis.kind() > abi::AxisKind::MAX)
    return invalid("has an unknown kind of axis");
  ARCHRT_TRY(validateExtent(axis.extent(), "the extent of its axis"));
  if (preparing() && axis.extent()->batch() != 0)
    return invalid("depends on the batch, which `", purpose == Purpose::Prepare ? "prepare" : "prepare_grad", "` does not have");
  if (isGpuPlan(plan) && step.scratch() != 0)
    return invalid("asks for ", step.scratch(), " bytes of scratch, which kernels of a GPU do not have");
  if (step.scratch() > kMaxScratch)
    return invalid("asks for ", step.scratch(), " bytes of scratch; expected at most ", kMaxScratch);
  if (step.location() != 0 && step.location() >= sizeOf(model.locations()))
    return invalid("has a location out of range");
  for (size_t i = 0; i < sizeOf(step.ops()); ++i)
    if (step.ops()->Get(i) >= sizeOf(graph->ops()))
      return invalid("names op ", step.ops()->Get(i), "; expected below ", sizeOf(graph->ops()));
  return taps(step);
}

/// Nothing is read from the arena that no earlier step of the function wrote, and an output is written.
Status PlanValidator::initialised(const std::vector<const abi::Step *> &steps) {
  std::unordered_set<uint32_t> known; // buffers that are whole: most are read under the name they were written under
  WrittenMemory written;
  bool hasOutput = false;
  for (size_t i = 0; i < steps.size(); ++i) {
    for (size_t k = 0; k < sizeOf(steps[i]->operands()); ++k) {
      const abi::Operand &operand = *steps[i]->operands()->Get(k);
      const abi::Buffer &buffer = bufferAt(operand.buffer());
      bool reads = operand.access() == abi::Access::Read && buffer.storage() == abi::Storage::Arena;
      if (reads && !known.count(operand.buffer()) && !written.covers(buffer))
        return invalid("step ", i, " reads buffer ", operand.buffer(), " before anything wrote it");
    }
    for (size_t k = 0; k < sizeOf(steps[i]->operands()); ++k) {
      const abi::Operand &operand = *steps[i]->operands()->Get(k);
      if (operand.access() != abi::Access::Write)
        continue;
      abi::Storage storage = bufferAt(operand.buffer()).storage();
      hasOutput = hasOutput || storage == abi::Storage::Output;
      if (storage == abi::Storage::Arena && known.insert(operand.buffer()).second)
        written.add(bufferAt(operand.buffer()));
    }
  }
  if (!preparing() && !hasOutput)
    return invalid("nothing writes the output");
  return {};
}

/// Images of a region run independently of one another, so no two of its buffers may share memory and no step may see the
/// other images of what the region writes.
Status PlanValidator::region(const std::vector<const abi::Step *> &steps) {
  std::unordered_set<uint32_t> arena, written;
  for (const abi::Step *step : steps) {
    if (step->axis()->extent()->constant() != 0 || step->axis()->extent()->batch() == 0)
      return invalid("a step's axis is not a multiple of the batch");
    for (size_t i = 0; i < sizeOf(step->operands()); ++i) {
      const abi::Operand &operand = *step->operands()->Get(i);
      if (bufferAt(operand.buffer()).storage() != abi::Storage::Arena)
        continue;
      arena.insert(operand.buffer());
      if (operand.access() == abi::Access::Write)
        written.insert(operand.buffer());
      else if (operand.need() == abi::Need::All && written.count(operand.buffer()))
        return invalid("a step needs all images of buffer ", operand.buffer(), ", which the region itself writes");
    }
  }
  // In the order of their places each has to end before the next begins; being before one another is transitive.
  std::vector<uint32_t> order;
  for (uint32_t index : arena)
    if (bufferAt(index).size()->constant() != 0 || bufferAt(index).size()->batch() != 0)
      order.push_back(index);
  auto placeOf = [&](uint32_t index) { return std::make_pair(evaluate(bufferAt(index).offset(), 1), index); };
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return placeOf(a) < placeOf(b); });
  for (size_t i = 1; i < order.size(); ++i)
    if (!endsBefore(bufferAt(order[i - 1]), bufferAt(order[i])))
      return invalid("buffers ", order[i - 1], " and ", order[i], " share memory");
  return {};
}

Status PlanValidator::regions(const std::vector<const abi::Step *> &steps) {
  std::set<uint32_t> seen;
  for (size_t begin = 0, end = 0; begin < steps.size(); begin = end) {
    uint32_t number = steps[begin]->region();
    while (end < steps.size() && steps[end]->region() == number)
      ++end;
    if (number == 0)
      continue;
    if (!seen.insert(number).second)
      return invalid("the steps of region ", number, " do not follow one another");
    ARCHRT_TRY(region({steps.begin() + begin, steps.begin() + end}).in(concat("region ", number)));
  }
  return {};
}

/// `list` names one buffer of `storage` for each of the graph's `values`, in order.
Status PlanValidator::bound(const flatbuffers::Vector<uint32_t> *list, const flatbuffers::Vector<uint32_t> *values,
                            abi::Storage storage) {
  size_t wanted = sizeOf(values);
  if (storage == abi::Storage::Output && purpose == Purpose::Grad)
    wanted = 2; // gradients are bound by parameter
  if (sizeOf(list) != wanted)
    return invalid("has ", sizeOf(list), " bound ", storage == abi::Storage::Input ? "input" : "output", " buffers; expected ",
                   wanted);
  std::set<uint32_t> seen;
  for (size_t i = 0; i < wanted; ++i) {
    const abi::Buffer &buffer = bufferAt(list->Get(i));
    if (buffer.storage() != storage || !seen.insert(list->Get(i)).second)
      return invalid("bound buffer ", list->Get(i), " is not of storage `", abi::EnumNameStorage(storage), "`, or named twice");
    ARCHRT_TRY(boundShape(buffer, *graph->values()->Get(values->Get(i))).in(concat("buffer ", list->Get(i))));
  }
  return {};
}

/// What the caller binds is what the graph takes and gives.
Status PlanValidator::binding(const abi::PlanFunction &function) {
  for (const auto *list : {function.inputs(), function.outputs()})
    for (size_t i = 0; i < sizeOf(list); ++i)
      if (list->Get(i) >= sizeOf(plan.buffers()))
        return invalid("names buffer ", list->Get(i), "; expected below ", sizeOf(plan.buffers()));
  if (preparing())
    return {};
  ARCHRT_TRY(bound(function.inputs(), graph->inputs(), abi::Storage::Input));
  ARCHRT_TRY(bound(function.outputs(), graph->outputs(), abi::Storage::Output));
  abi::DType wanted = textOf(function.name()) == "forward_u8" ? abi::DType::U8 : abi::DType::F32;
  if (bufferAt(function.inputs()->Get(0)).dtype() != wanted)
    return invalid("its input has another dtype than its name says");
  return {};
}

/// Steps use no other inputs and outputs than their function's own.
Status PlanValidator::ownBuffers(const abi::PlanFunction &function, const std::vector<const abi::Step *> &steps) {
  std::set<uint32_t> own;
  for (const auto *list : {function.inputs(), function.outputs()})
    if (list)
      own.insert(list->begin(), list->end());
  for (const abi::Step *each : steps)
    for (size_t i = 0; i < sizeOf(each->operands()); ++i) {
      uint32_t index = each->operands()->Get(i)->buffer();
      abi::Storage storage = bufferAt(index).storage();
      if ((storage == abi::Storage::Input || storage == abi::Storage::Output) && !own.count(index))
        return invalid("a step uses buffer ", index, ", which is not the function's own input or output");
    }
  return {};
}

/// Every gradient that the graph gives is written.
Status PlanValidator::gradients(const std::vector<const abi::Step *> &steps) {
  std::set<uint32_t> written;
  for (const abi::Step *each : steps)
    for (size_t i = 0; i < sizeOf(each->operands()); ++i) {
      const abi::Operand &operand = *each->operands()->Get(i);
      if (operand.access() == abi::Access::Write && bufferAt(operand.buffer()).storage() == abi::Storage::Gradient)
        written.insert(bufferAt(operand.buffer()).param());
    }
  std::set<uint32_t> wanted;
  if (graph->gradient_of())
    wanted.insert(graph->gradient_of()->begin(), graph->gradient_of()->end());
  if (written != wanted)
    return invalid("it writes ", written.size(), " gradients; expected the ", wanted.size(), " of the graph");
  return {};
}

Status PlanValidator::function(const abi::PlanFunction &function) {
  std::string_view name = textOf(function.name());
  purpose = purposeOf(name);
  graph = findGraph(model, training() ? "grad" : "forward");
  if (!graph)
    return invalid("the model has no graph `grad`");
  ARCHRT_TRY(validateExtent(function.arena_bytes(), "its arena"));
  if (preparing() && function.arena_bytes()->batch() != 0)
    return invalid("its arena depends on the batch, which `", name, "` does not have");
  if (!reachable.count(&function))
    return invalid("is neither called nor one of `prepare`, `forward_f32`, `forward_u8`, `prepare_grad` and `grad`");
  if (purpose == Purpose::Called)
    return {}; // checked where it is called
  ARCHRT_ASSIGN(std::vector<const abi::Step *> steps, flattenSteps(plan, function));
  ARCHRT_TRY(binding(function));
  for (size_t i = 0; i < steps.size(); ++i)
    ARCHRT_TRY(step(*steps[i], function).in(concat("step ", i)));
  if (!preparing())
    ARCHRT_TRY(ownBuffers(function, steps));
  if (purpose == Purpose::Grad)
    ARCHRT_TRY(gradients(steps));
  ARCHRT_TRY(initialised(steps));
  return regions(steps);
}

/// From the entries through calls; calls out of range are left to flattenSteps.
void PlanValidator::findReachable() {
  std::vector<const abi::PlanFunction *> open;
  auto reach = [&](const abi::PlanFunction *function) {
    if (reachable.insert(function).second)
      open.push_back(function);
  };
  for (size_t i = 0; i < sizeOf(plan.functions()); ++i)
    if (purposeOf(textOf(plan.functions()->Get(i)->name())) != Purpose::Called)
      reach(plan.functions()->Get(i));
  while (!open.empty()) {
    const auto *steps = open.back()->steps();
    open.pop_back();
    for (size_t k = 0; k < sizeOf(steps); ++k)
      if (int64_t call = steps->Get(k)->call(); call >= 0 && static_cast<size_t>(call) < sizeOf(plan.functions()))
        reach(plan.functions()->Get(static_cast<uint32_t>(call)));
  }
}

Status PlanValidator::run() {
  if (textOf(plan.target()).empty() || plan.packed_bytes() > kMaxPacked || plan.grad_packed_bytes() > kMaxPacked)
    return invalid("its target is empty or its packed weights are too large");
  constexpr std::string_view gpuTargets = "cuda:";
  if (isGpuPlan(plan) != (textOf(plan.target()).substr(0, gpuTargets.size()) == gpuTargets))
    return invalid("it has ", isGpuPlan(plan) ? "" : "no ", "GPU code; expected that of targets `cuda:...` and of no others");
  ARCHRT_TRY(kernels());
  for (size_t i = 0; i < sizeOf(plan.buffers()); ++i)
    ARCHRT_TRY(buffer(bufferAt(i)).in(concat("buffer ", i)));
  std::set<std::string_view> names;
  for (size_t i = 0; i < sizeOf(plan.functions()); ++i)
    if (std::string_view name = textOf(plan.functions()->Get(i)->name()); !names.insert(name).second)
      return invalid("function `", name, "` occurs twice");
  if (!names.count("forward_f32"))
    return invalid("it has no function `forward_f32`");
  findReachable();
  for (size_t i = 0; i < sizeOf(plan.functions()); ++i) {
    const abi::PlanFunction &each = *plan.functions()->Get(i);
    ARCHRT_TRY(function(each).in(concat("function `", textOf(each.name()), "`")));
  }
  return {};
}

Status validatePlan(const abi::TargetPlan &plan, const abi::Model &model, size_t codeBytes) {
  return PlanValidator(plan, model, codeBytes).run();
}

} // namespace archrt
