#include "runtime/graph/Describe.h"

#include "runtime/core/Hash.h"

#include <cstdio>

namespace archrt {

std::string sizeText(double bytes) {
  static const char *units[] = {"B", "kB", "MB", "GB", "TB"};
  int unit = 0;
  for (; bytes >= 1000 && unit < 4; ++unit)
    bytes /= 1000;
  char text[32];
  std::snprintf(text, sizeof(text), unit == 0 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
  return text;
}

static std::string extentText(const abi::Extent *extent) {
  if (!extent || (extent->constant() == 0 && extent->batch() == 0))
    return "0";
  if (extent->batch() == 0)
    return std::to_string(extent->constant());
  std::string scaled = extent->batch() == 1 ? "batch" : concat(extent->batch(), "*batch");
  return extent->constant() == 0 ? scaled : concat(extent->constant(), " + ", scaled);
}

std::string_view pathOf(const Artifact &artifact, const abi::Step &step) {
  const auto *locations = artifact.model().locations();
  return step.location() < sizeOf(locations) ? textOf(locations->Get(step.location())->path()) : std::string_view();
}

std::string describeSections(const Artifact &artifact) {
  std::string text;
  char line[160];
  for (size_t i = 0; i < artifact.sections().size(); ++i) {
    const Section &section = artifact.sections()[i];
    std::snprintf(line, sizeof(line), "  %2zu  %-8s %12zu bytes at %-10zu %s\n", i, sectionName(section.kind), section.bytes.size,
                  static_cast<size_t>(section.offset), toHex(section.hash).c_str());
    text += line;
  }
  return text;
}

static std::string bufferText(const abi::TargetPlan &plan, const abi::Operand &operand) {
  static const char *storages[] = {"arena", "packed", "input", "output", "param", "gradient"};
  const abi::Buffer &buffer = *plan.buffers()->Get(operand.buffer());
  return concat(operand.access() == abi::Access::Write ? " > " : " ", storages[static_cast<int>(buffer.storage())], "#",
                operand.buffer());
}

/// " in blocks of 4 (128 threads, 1024 bytes shared)"; "" for a CPU.
static std::string launchText(const abi::Kernel &kernel) {
  const abi::Launch *launch = kernel.launch();
  if (!launch)
    return "";
  std::string shared = launch->shared() ? concat(", ", launch->shared(), " bytes shared") : std::string();
  return concat(" in blocks of ", launch->block(), " (", launch->threads(), " threads", shared, ")");
}

static std::string stepText(const Artifact &artifact, const abi::TargetPlan &plan, const abi::Step &step, size_t index) {
  if (step.call() >= 0)
    return concat("    ", index, "  call ", textOf(plan.functions()->Get(step.call())->name()), "\n");
  const abi::Kernel &kernel = *plan.kernels()->Get(step.kernel());
  std::string text = concat("    ", index, "  ", textOf(kernel.name()), " over ", abi::EnumNameAxisKind(step.axis()->kind()), " ",
                            extentText(step.axis()->extent()), launchText(kernel));
  if (step.axis()->grain() > 1)
    text += concat(" by ", step.axis()->grain());
  if (step.region() != 0)
    text += concat(" in region ", step.region());
  text += ":";
  for (size_t i = 0; i < sizeOf(step.operands()); ++i)
    text += bufferText(plan, *step.operands()->Get(i));
  if (std::string_view path = pathOf(artifact, step); !path.empty())
    text += concat("  ; ", path);
  return text + "\n";
}

/// "12.3 kB of code", of a GPU plan each form.
static std::string codeText(const Artifact &artifact, const abi::TargetPlan &plan) {
  static const char *forms[] = {"PTX", "cubin", "bitcode for the emulator"};
  std::string text;
  for (size_t i = 0; i < sizeOf(plan.gpu_code()); ++i) {
    abi::GpuCodeKind kind = plan.gpu_code()->Get(i)->kind();
    text += concat(i ? " and " : "", sizeText(artifact.gpuCode(plan, kind).size), " of ", forms[static_cast<int>(kind)]);
  }
  return text.empty() ? sizeText(artifact.code(plan).size) + " of code" : text;
}

std::string describePlan(const Artifact &artifact, const abi::TargetPlan &plan) {
  std::string text =
      concat("plan ", textOf(plan.target()), ": ", sizeOf(plan.kernels()), " kernels in ", codeText(artifact, plan), ", ",
             sizeText(plan.packed_bytes()), " of packed weights, ", sizeOf(plan.buffers()), " buffers\n");
  for (size_t i = 0; i < sizeOf(plan.functions()); ++i) {
    const abi::PlanFunction &function = *plan.functions()->Get(i);
    text += concat("  function ", textOf(function.name()), ": ", sizeOf(function.steps()), " steps, arena ",
                   extentText(function.arena_bytes()), " bytes\n");
    for (size_t k = 0; k < sizeOf(function.steps()); ++k)
      text += stepText(artifact, plan, *function.steps()->Get(k), k);
  }
  return text;
}

} // namespace archrt
