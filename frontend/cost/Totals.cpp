//===- Totals.cpp - Sums over a counted architecture ----------------------===//

#include "frontend/components/Counting.h"
#include "frontend/cost/Costs.h"

namespace archc::spec {

Totals &Totals::operator+=(const Totals &other) {
  params += other.params;
  trainableParams += other.trainableParams;
  cost += other.cost;
  return *this;
}

static int64_t elementsOf(const ParamDecl &param) {
  int64_t elements = 1;
  for (int64_t extent : param.shape)
    elements = product({elements, extent});
  return elements;
}

Totals totalsOf(const std::vector<ParamDecl> &params, const Cost &cost) {
  Totals totals;
  totals.cost = cost;
  for (const ParamDecl &param : params) {
    if (param.role == ParamRole::Buffer)
      continue;
    totals.params += elementsOf(param);
    if (param.role == ParamRole::Trainable)
      totals.trainableParams += elementsOf(param);
  }
  return totals;
}

Totals totalsOf(const Block &block) { return totalsOf(block.params, block.cost); }

Totals totalsOf(const Stage &stage) {
  Totals totals = totalsOf(stage.embedParams, stage.embedCost);
  totals += totalsOf(stage.positionParams, stage.positionCost);
  for (const Block &block : stage.blocks)
    totals += totalsOf(block);
  return totals;
}

Totals totalsOf(const Head &head) { return totalsOf(head.params, head.cost); }

Totals totalsOf(const Architecture &architecture) {
  Totals totals = totalsOf(architecture.head);
  for (const Stage &stage : architecture.stages)
    totals += totalsOf(stage);
  return totals;
}

std::vector<ParamDecl> allParameters(const Architecture &architecture) {
  std::vector<ParamDecl> params;
  for (const Stage &stage : architecture.stages) {
    appendNested(params, stage.embedPath, stage.embedParams);
    appendNested(params, "stages." + std::to_string(stage.index), stage.positionParams);
    for (const Block &block : stage.blocks)
      appendNested(params, block.path, block.params);
  }
  appendNested(params, "head", architecture.head.params);
  return params;
}

} // namespace archc::spec
