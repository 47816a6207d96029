//===- Layouts.h - How maps and parameters are held in buffers ------------===//

#ifndef ARCHC_PASSES_PLAN_LAYOUTS_H
#define ARCHC_PASSES_PLAN_LAYOUTS_H

#include "dialect/mf/MfOps.h"
#include "dialect/plan/Plan.h"
#include "passes/Kernels/KernelTarget.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace archc {

/// The layout in which fused ops hand a map to each other: rows, unless every reader is a depthwise convolution that wants the
/// channel-blocked image. What enters and leaves the function is dense.
plan::LayoutAttr layoutOfMap(mlir::Value map, const kernels::KernelTarget &target);

/// Bytes of one image of a map (of all of a static tensor), or of a whole packed parameter.
int64_t mapBytes(mlir::RankedTensorType type, plan::LayoutAttr layout, const kernels::KernelTarget &target);
int64_t packedBytes(mlir::RankedTensorType type, mf::Layout layout, const kernels::KernelTarget &target);

/// Elements between rows; 0 where rows have no meaning.
int64_t rowStride(mlir::RankedTensorType type, plan::LayoutAttr layout, const kernels::KernelTarget &target);

/// Ends `prepare` with one mf.pack per result and layout that the kernels of `function`, whose last arguments they are, read.
void packResults(mlir::func::FuncOp prepare, mlir::func::FuncOp function);

} // namespace archc

#endif // ARCHC_PASSES_PLAN_LAYOUTS_H
