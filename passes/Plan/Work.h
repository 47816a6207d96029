//===- Work.h - Arithmetic of an op, for reports --------------------------===//

#ifndef ARCHC_PASSES_PLAN_WORK_H
#define ARCHC_PASSES_PLAN_WORK_H

#include "mlir/IR/Operation.h"

namespace archc {

/// Floating-point operations of `op` for one image: two per multiply-accumulate, one per element of everything else.
int64_t flopsPerImage(mlir::Operation &op);

} // namespace archc

#endif // ARCHC_PASSES_PLAN_WORK_H
