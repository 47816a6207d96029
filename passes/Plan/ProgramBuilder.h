//===- ProgramBuilder.h - The parts of a program under construction -------===//
//
// Buffers, kernels and steps of a `plan.program`, for planners of functions to put together. Equal kernels become one.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_PASSES_PLAN_PROGRAMBUILDER_H
#define ARCHC_PASSES_PLAN_PROGRAMBUILDER_H

#include "dialect/mf/MfOps.h"
#include "dialect/plan/Plan.h"
#include "passes/Kernels/KernelDescription.h"
#include "passes/Kernels/KernelTarget.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"

namespace archc {

/// One use of a buffer by a step, before it is an attribute.
struct Access {
  mutable plan::BufferOp buffer; // op handles have no const accessors
  bool write;
  plan::Need need;
};

/// What a kernel does: `ops`, reading `inputs` (operands in order), giving `results` (behind them); `layouts` of all.
struct KernelWork {
  mlir::ArrayRef<mlir::Value> inputs;
  mlir::ArrayRef<mlir::Operation *> ops;
  mlir::ValueRange results;
  mlir::ArrayRef<mlir::Attribute> layouts;
};

class ProgramBuilder {
public:
  ProgramBuilder(mlir::ModuleOp module, const kernels::KernelTarget &target, mlir::StringRef targetName);

  // ---- Buffers ----

  plan::ExtentAttr extent(int64_t constant, int64_t batch);
  /// `bytes` rounded up so that a buffer behind starts where the target wants one.
  int64_t aligned(int64_t bytes) const;
  /// A tensor in this layout, its size following from both; a static one does not depend on the batch.
  plan::BufferOp addTensorBuffer(mlir::Location loc, plan::Storage storage, mlir::RankedTensorType type, plan::LayoutAttr layout);
  /// `bytes` of packed weights at the next free place behind `packedBytes`.
  plan::BufferOp addPackedBuffer(mf::PackOp pack, int64_t &packedBytes);
  /// The parameter `name` in canonical layout (storage `param`), or its gradient.
  plan::BufferOp parameterBuffer(mlir::Location loc, plan::Storage storage, mlir::StringAttr name, mlir::Type type);
  plan::LayoutAttr layoutOf(plan::BufferOp buffer) const { return layouts.lookup(buffer); }
  plan::LayoutAttr packedLayout() { return plan::LayoutAttr::get(builder.getContext(), plan::LayoutKind::Packed, 0); }

  // ---- Functions, kernels and steps ----

  /// Steps that are added from here on belong to it.
  plan::FunctionOp startFunction(mlir::Location loc, mlir::StringRef name);
  /// A new kernel, or an equal one.
  plan::KernelOp kernelFor(mlir::Location loc, const KernelWork &work);
  /// Axis, extent and scratch come from the kernel's description. `ops` of the graph are those whose work the step does.
  mlir::LogicalResult addStep(mlir::Location loc, plan::KernelOp kernel, mlir::ArrayRef<Access> accesses,
                              mlir::ArrayRef<mlir::Operation *> ops, mlir::DictionaryAttr taps);

  /// Puts buffers, kernels and functions into the order of the artifact's tables.
  plan::ProgramOp finish();

  const kernels::KernelTarget &target;
  mlir::OpBuilder builder; // inside the function that was started last

private:
  plan::BufferOp addBuffer(mlir::Location loc, plan::Storage storage, mlir::Type type, plan::ExtentAttr size);
  std::pair<plan::AxisKind, plan::ExtentAttr> axisOf(const kernels::KernelDescription &description,
                                                     mlir::ArrayRef<Access> accesses);

  plan::ProgramOp program;
  mlir::OpBuilder buffersAt, kernelsAt;
  llvm::StringMap<plan::KernelOp> kernels;
  llvm::StringMap<plan::BufferOp> parameters;
  llvm::DenseMap<mlir::Operation *, plan::LayoutAttr> layouts;
  int bufferCount = 0, kernelCount = 0;
};

} // namespace archc

#endif // ARCHC_PASSES_PLAN_PROGRAMBUILDER_H
