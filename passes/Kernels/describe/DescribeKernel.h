//===- DescribeKernel.h - A planned kernel as a kernel description --------===//

#ifndef ARCHC_PASSES_KERNELS_DESCRIBE_DESCRIBEKERNEL_H
#define ARCHC_PASSES_KERNELS_DESCRIBE_DESCRIBEKERNEL_H

#include "dialect/plan/Plan.h"
#include "passes/Kernels/KernelDescription.h"
#include "passes/Kernels/KernelTarget.h"

namespace archc::kernels {

/// Any kernel of a program; failure, with an error at the op, when there is no rule for an op.
mlir::FailureOr<KernelDescription> describeKernel(plan::KernelOp kernel, const KernelTarget &target);

/// A kernel of `prepare`: one that ends in `mf.pack`.
KernelBody describePrepare(plan::KernelOp kernel, const KernelTarget &target);

} // namespace archc::kernels

#endif // ARCHC_PASSES_KERNELS_DESCRIBE_DESCRIBEKERNEL_H
