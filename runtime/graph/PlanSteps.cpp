#include "runtime/graph/PlanSteps.h"

namespace archrt {

static constexpr size_t kMaxSteps = 1'000'000;
static constexpr int kMaxCallDepth = 8;

static Status appendSteps(const abi::TargetPlan &plan, const abi::PlanFunction &function, int depth,
                          std::vector<const abi::Step *> &steps) {
  if (depth > kMaxCallDepth)
    return invalid("function `", textOf(function.name()), "` calls itself or nests deeper than ", kMaxCallDepth);
  for (size_t i = 0; i < sizeOf(function.steps()); ++i) {
    const abi::Step *step = function.steps()->Get(i);
    if (step->call() < 0)
      steps.push_back(step);
    else if (static_cast<size_t>(step->call()) >= sizeOf(plan.functions()))
      return invalid("step ", i, " of function `", textOf(function.name()), "` calls function ", step->call(),
                     "; expected below ", sizeOf(plan.functions()));
    else
      ARCHRT_TRY(appendSteps(plan, *plan.functions()->Get(step->call()), depth + 1, steps));
    if (steps.size() > kMaxSteps)
      return invalid("function `", textOf(function.name()), "` has more than ", kMaxSteps, " steps");
  }
  return {};
}

Result<std::vector<const abi::Step *>> flattenSteps(const abi::TargetPlan &plan, const abi::PlanFunction &function) {
  std::vector<const abi::Step *> steps;
  ARCHRT_TRY(appendSteps(plan, function, 0, steps));
  return steps;
}

} // namespace archrt
