//===- BatchSums.h - Kernels of one op that sums over a batch -------------===//

#ifndef ARCHC_PASSES_KERNELS_DESCRIBE_BATCHSUMS_H
#define ARCHC_PASSES_KERNELS_DESCRIBE_BATCHSUMS_H

#include "dialect/plan/Plan.h"
#include "passes/Kernels/KernelDescription.h"
#include "passes/Kernels/KernelTarget.h"

namespace archc::kernels {

/// Whether `op` is a kernel of its own whose result is a parameter's gradient.
bool isBatchSum(mlir::Operation &op);

/// The kernel of such an op, or failure with an error at the op.
mlir::FailureOr<KernelBody> describeBatchSum(plan::KernelOp kernel, const KernelTarget &target);

} // namespace archc::kernels

#endif // ARCHC_PASSES_KERNELS_DESCRIBE_BATCHSUMS_H
