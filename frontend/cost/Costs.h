//===- Costs.h - Parameters and costs of an architecture ------------------===//
//
// What is counted, and how, is said in components/Counting.h; here it is summed over a resolved architecture.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_FRONTEND_COST_COSTS_H
#define ARCHC_FRONTEND_COST_COSTS_H

#include "frontend/model/Architecture.h"

namespace archc::spec {

/// Fills in parameters and costs of every stage, block and the head. Shapes and components must be resolved.
void computeCosts(Architecture &architecture);

/// Elements, buffers (running statistics) left out; frozen parameters are in `params` only.
struct Totals {
  int64_t params = 0, trainableParams = 0;
  Cost cost;
  int64_t flops() const { return 2 * cost.macs + cost.pointwise; }
  Totals &operator+=(const Totals &other);
};

Totals totalsOf(const std::vector<ParamDecl> &params, const Cost &cost);
Totals totalsOf(const Block &block);
/// Embedding, position and blocks.
Totals totalsOf(const Stage &stage);
Totals totalsOf(const Head &head);
Totals totalsOf(const Architecture &architecture);

/// Every tensor of the state dict under its full name, in timm's order.
std::vector<ParamDecl> allParameters(const Architecture &architecture);

} // namespace archc::spec

#endif // ARCHC_FRONTEND_COST_COSTS_H
