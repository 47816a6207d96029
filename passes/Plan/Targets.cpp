#include "passes/Plan/Targets.h"

#include "passes/LowerCpu/CpuTarget.h"
#include "passes/LowerCuda/GpuTarget.h"

namespace archc {

std::unique_ptr<kernels::KernelTarget> findTarget(const std::string &name) {
  const size_t colon = name.find(':');
  const std::string kind = name.substr(0, colon), chip = colon == std::string::npos ? "" : name.substr(colon + 1);
  if (kind == "cpu")
    if (auto target = cpu::findCpuTarget(chip))
      return std::make_unique<cpu::CpuTarget>(*target);
  if (kind == "cuda")
    if (auto target = cuda::findGpuTarget(chip))
      return std::make_unique<cuda::GpuTarget>(*target);
  return nullptr;
}

std::string unknownTarget(const std::string &name) {
  std::string known;
  for (const std::string &chip : cuda::gpuChips())
    known += ", `cuda:" + chip + "`";
  return "unknown target `" + name + "`; expected one of `cpu:x86-64-v3`, `cpu:x86-64-v4`" + known;
}

} // namespace archc
