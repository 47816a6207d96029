//===- RemarkLog.h - What passes did and declined -------------------------===//

#ifndef ARCHC_PASSES_PIPELINES_REMARKLOG_H
#define ARCHC_PASSES_PIPELINES_REMARKLOG_H

#include "passes/Emit/PlanWriter.h"

#include "mlir/IR/MLIRContext.h"

#include <memory>

namespace archc {

/// Collects every remark that passes emit in `context` from now on, in their order.
std::shared_ptr<std::vector<PassRemark>> collectRemarks(mlir::MLIRContext &context);

} // namespace archc

#endif // ARCHC_PASSES_PIPELINES_REMARKLOG_H
