#include "frontend/Frontend.h"
#include "frontend/cost/Costs.h"

namespace archc::spec {

/// A limit as the user thinks of it: whole, without an exponent.
static std::string limitText(double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof(buffer), "%.0f", value);
  return buffer;
}

static void checkLimit(const std::string &name, int64_t value, const Limit &limit, DiagnosticEngine &diagnostics) {
  auto number = static_cast<double>(value);
  std::string found = "the model has " + std::to_string(value) + " " + name + "; expected at ";
  if (limit.max && number > *limit.max)
    diagnostics.error(Code::OverBudget, limit.source, found + "most " + limitText(*limit.max));
  if (limit.min && number < *limit.min)
    diagnostics.error(Code::OverBudget, limit.source, found + "least " + limitText(*limit.min));
}

bool checkBudget(const Architecture &architecture, DiagnosticEngine &diagnostics) {
  Totals totals = totalsOf(architecture);
  checkLimit("parameters", totals.params, architecture.budget.params, diagnostics);
  checkLimit("MACs", totals.cost.macs, architecture.budget.macs, diagnostics);
  checkLimit("activations", totals.cost.activations, architecture.budget.activations, diagnostics);
  return !diagnostics.hasErrors();
}

} // namespace archc::spec
