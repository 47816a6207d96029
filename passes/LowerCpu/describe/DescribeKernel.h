//===- DescribeKernel.h - A planned kernel as a CPU kernel description ----===//

#ifndef ARCHC_PASSES_LOWERCPU_DESCRIBE_DESCRIBEKERNEL_H
#define ARCHC_PASSES_LOWERCPU_DESCRIBE_DESCRIBEKERNEL_H

#include "dialect/plan/Plan.h"
#include "passes/LowerCpu/CpuTarget.h"
#include "passes/LowerCpu/KernelDescription.h"

namespace archc::cpu {

/// Any kernel of a program; failure, with an error at the op, when there is no rule for an op.
mlir::FailureOr<KernelDescription> describeKernel(plan::KernelOp kernel, const CpuTarget &target);

/// A kernel of `prepare`: one that ends in `mf.pack`.
KernelBody describePrepare(plan::KernelOp kernel, const CpuTarget &target);

} // namespace archc::cpu

#endif // ARCHC_PASSES_LOWERCPU_DESCRIBE_DESCRIBEKERNEL_H
