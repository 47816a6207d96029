#include "passes/Plan/Targets.h"

#include "passes/LowerCpu/CpuTarget.h"

namespace archc {

std::unique_ptr<kernels::KernelTarget> findTarget(const std::string &name) {
  const size_t colon = name.find(':');
  const std::string kind = name.substr(0, colon), chip = colon == std::string::npos ? "" : name.substr(colon + 1);
  if (kind == "cpu")
    if (auto target = cpu::findCpuTarget(chip))
      return std::make_unique<cpu::CpuTarget>(*target);
  return nullptr;
}

std::string unknownTarget(const std::string &name) {
  return "unknown target `" + name + "`; expected `cpu:x86-64-v3` or `cpu:x86-64-v4`";
}

} // namespace archc
