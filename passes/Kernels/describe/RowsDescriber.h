//===- RowsDescriber.h - From the ops of a kernel to its description ------===//
//
// Ops describe themselves: a file of this folder registers, by op name, how an op becomes a chain step or a segment of a
// RowsKernel. The describer places values between segments: an operand, worker scratch, or the running value of a chain.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_PASSES_KERNELS_DESCRIBE_ROWSDESCRIBER_H
#define ARCHC_PASSES_KERNELS_DESCRIBE_ROWSDESCRIBER_H

#include "dialect/plan/Plan.h"
#include "passes/Kernels/KernelDescription.h"
#include "passes/Kernels/KernelTarget.h"

#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseMap.h"

namespace archc::kernels {

class RowsDescriber {
public:
  RowsDescriber(plan::KernelOp kernel, const KernelTarget &target);

  /// The description of all ops of the kernel, or failure with an error at the op that has no rule.
  mlir::FailureOr<RowsKernel> describe();

  // ---- For the rules of ops ----

  /// The operand number of a kernel argument that holds packed parameters.
  unsigned operandOf(mlir::Value argument) const { return arguments.lookup(argument); }
  /// Where rows of `map` can be read; gives a value computed here a home in scratch if it has none.
  Place rowsOf(mlir::Value map);
  /// The same for a segment that reads whole vectors, which the end of a dense row does not fill: copies those into scratch first.
  Place wholeRowsOf(mlir::Value map);
  /// The same as the A operand of a contraction; copies an argument into scratch first.
  Place blockedOf(mlir::Value map);
  /// Starts a segment that computes `result` (null: nothing further ops read).
  void startSegment(SegmentBody body, mlir::Value result);
  /// Appends a step to the current segment; it computes `result` unless that is null.
  Source addStep(llvm::StringRef op, llvm::ArrayRef<Source> operands, mlir::Value result);
  /// The running value of the current segment.
  Source current() const;
  /// `map` as a chain operand: a running value of the current segment, or the same row of its place.
  Source mapSource(mlir::Value map);
  /// One number per channel, or one number.
  Source parameterSource(mlir::Value vector);
  /// A statistics entry for the line statistics `lines` ([N,H,groups,2]).
  unsigned statisticsOf(mlir::Value lines, int64_t groups, int64_t channels, double eps);
  /// Scratch for `channels` blocked values per row that no op's result stands for (a gathered window).
  Place newBlocked(int64_t channels);
  /// The same in rows, for a segment without a chain.
  Place newRows(int64_t channels);
  /// Adds a sink for the current value.
  void sinkCurrent(Place place);
  /// The operand number of `value` as a kernel output.
  unsigned outputOf(mlir::Value value) const { return outputs.lookup(value); }

  const KernelTarget &target;

private:
  struct Home {
    unsigned segment = 0, value = 0;
    int blocked = -1, rows = -1; // scratch values
  };

  mlir::LogicalResult describeOp(mlir::Operation &op);
  void define(mlir::Value result, unsigned value);
  void storeOutput(mlir::Value result);
  bool startElementwise(mlir::Operation &op);
  void loadArgument(mlir::Value map);
  int newScratch(bool blocked, int64_t channels);
  Place argumentPlace(mlir::Value argument) const;
  void finish();

  mutable plan::KernelOp kernel; // op handles have no const accessors
  RowsKernel rows;
  llvm::DenseMap<mlir::Value, unsigned> arguments, outputs;
  llvm::DenseMap<mlir::Value, Home> homes;
};

/// How one op is described; a segment rule starts segments, a chain rule only adds steps.
struct OpRule {
  enum Kind { Chain, Segment } kind;
  mlir::LogicalResult (*describe)(mlir::Operation &, RowsDescriber &);
};

/// Registers the rule of op `name` ("mf.linear"); returns true so that it can initialise a static.
bool registerOpRule(llvm::StringRef name, OpRule rule);

} // namespace archc::kernels

#endif // ARCHC_PASSES_KERNELS_DESCRIBE_ROWSDESCRIBER_H
