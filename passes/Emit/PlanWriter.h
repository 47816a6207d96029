//===- PlanWriter.h - A plan.program as the artifact's table --------------===//

#ifndef ARCHC_PASSES_EMIT_PLANWRITER_H
#define ARCHC_PASSES_EMIT_PLANWRITER_H

#include "dialect/plan/Plan.h"
#include "passes/Emit/ModelWriter.h"

#include <functional>

namespace archc {

/// A remark of a pass, kept readable in the artifact.
struct PassRemark {
  std::string kind, pass, message; // kind: "passed" or "missed"
  std::string path;                // of the op
};

/// Says where the code of a kernel is, by its name.
using PlaceCode = std::function<void(archrt::abi::KernelT &)>;

/// Writes `program` with the code compiled for it. Sections of code are left for the caller.
std::unique_ptr<archrt::abi::TargetPlanT> writePlan(plan::ProgramOp program, const PlaceCode &placeCode, ModelSection &model,
                                                    const std::vector<PassRemark> &remarks);

} // namespace archc

#endif // ARCHC_PASSES_EMIT_PLANWRITER_H
