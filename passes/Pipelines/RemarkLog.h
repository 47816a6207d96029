//===- RemarkLog.h - What passes did and declined -------------------------===//

#ifndef ARCHC_PASSES_PIPELINES_REMARKLOG_H
#define ARCHC_PASSES_PIPELINES_REMARKLOG_H

#include "passes/Emit/PlanWriter.h"

#include "mlir/IR/MLIRContext.h"

#include <memory>

namespace archc {

/// Collects every remark that passes emit in `context` from now on, in their order, and turns the context's threads off: with them the
/// order would differ from run to run, and the artifact with it.
std::shared_ptr<std::vector<PassRemark>> collectRemarks(mlir::MLIRContext &context);

} // namespace archc

#endif // ARCHC_PASSES_PIPELINES_REMARKLOG_H
