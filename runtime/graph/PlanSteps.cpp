#include "runtime/graph/PlanSteps.h"

namespace archrt {

static constexpr size_t kMaxSteps = 1'000'000;
static constexpr size_t kMaxParts = 16'000'000; // operands, ops and taps of all steps; each call of a function counts anew
static constexpr int kMaxCallDepth = 8;

namespace {

class StepFlattener {
public:
  explicit StepFlattener(const abi::TargetPlan &plan) : plan(plan) {}

  Status append(const abi::PlanFunction &function, int depth);
  std::vector<const abi::Step *> steps;

private:
  const abi::TargetPlan &plan;
  size_t visited = 0, parts = 0;
};

} // namespace

Status StepFlattener::append(const abi::PlanFunction &function, int depth) {
  if (depth > kMaxCallDepth)
    return invalid("function `", textOf(function.name()), "` calls itself or nests deeper than ", kMaxCallDepth);
  for (size_t i = 0; i < sizeOf(function.steps()); ++i) {
    const abi::Step *step = function.steps()->Get(i);
    // Calls count, too: calls of calls of functions without steps would take for ever.
    if (++visited > kMaxSteps)
      return invalid("function `", textOf(function.name()), "` runs more than ", kMaxSteps, " steps");
    parts += sizeOf(step->operands()) + sizeOf(step->ops()) + sizeOf(step->taps());
    if (parts > kMaxParts)
      return invalid("the steps of function `", textOf(function.name()), "` have more than ", kMaxParts,
                     " operands, ops and taps");
    if (step->call() < 0)
      steps.push_back(step);
    else if (static_cast<size_t>(step->call()) >= sizeOf(plan.functions()))
      return invalid("step ", i, " of function `", textOf(function.name()), "` calls function ", step->call(),
                     "; expected below ", sizeOf(plan.functions()));
    else
      ARCHRT_TRY(append(*plan.functions()->Get(step->call()), depth + 1));
  }
  return {};
}

Result<std::vector<const abi::Step *>> flattenSteps(const abi::TargetPlan &plan, const abi::PlanFunction &function) {
  StepFlattener flattener(plan);
  ARCHRT_TRY(flattener.append(function, 0));
  return std::move(flattener.steps);
}

} // namespace archrt
