#include "tools/driver/PlanMemory.h"

#include "runtime/graph/Describe.h"
#include "runtime/graph/PlanSteps.h"

#include <algorithm>
#include <cstdio>
#include <map>

using namespace archrt;

namespace archc::driver {

static int64_t mostAlive(const abi::TargetPlan &plan, const std::vector<const abi::Step *> &steps) {
  std::map<uint32_t, std::pair<size_t, size_t>> lifetimes; // of arena buffers: first and last step
  for (size_t at = 0; at < steps.size(); ++at)
    for (size_t i = 0; i < sizeOf(steps[at]->operands()); ++i) {
      uint32_t buffer = steps[at]->operands()->Get(i)->buffer();
      if (plan.buffers()->Get(buffer)->storage() == abi::Storage::Arena)
        lifetimes.try_emplace(buffer, at, at).first->second.second = at;
    }
  std::vector<int64_t> alive(steps.size());
  for (const auto &[buffer, span] : lifetimes)
    for (size_t at = span.first; at <= span.second; ++at)
      alive[at] += evaluate(plan.buffers()->Get(buffer)->size(), 1);
  return alive.empty() ? 0 : *std::max_element(alive.begin(), alive.end());
}

ActivationMemory activationMemory(const abi::TargetPlan &plan) {
  ActivationMemory memory;
  for (size_t i = 0; i < sizeOf(plan.functions()); ++i) {
    const abi::PlanFunction &function = *plan.functions()->Get(i);
    if (textOf(function.name()) == "prepare")
      continue;
    memory.planned = std::max(memory.planned, evaluate(function.arena_bytes(), 1));
    memory.lowerBound = std::max(memory.lowerBound, mostAlive(plan, *flattenSteps(plan, function))); // loading has tried that
  }
  return memory;
}

std::string memoryText(const abi::TargetPlan &plan) {
  ActivationMemory memory = activationMemory(plan);
  double more =
      memory.lowerBound > 0 ? 100.0 * static_cast<double>(memory.planned) / static_cast<double>(memory.lowerBound) - 100 : 0;
  char percent[32];
  std::snprintf(percent, sizeof(percent), "%.1f", more);
  return concat("activations of one image: ", sizeText(static_cast<double>(memory.planned)), " planned, ",
                sizeText(static_cast<double>(memory.lowerBound)), " needed by the order of steps (", percent,
                " % more than needed)");
}

} // namespace archc::driver
