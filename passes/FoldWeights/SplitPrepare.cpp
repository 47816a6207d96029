//===- SplitPrepare.cpp - Parameters -> the weights that kernels read -----===//

#include "passes/FoldWeights/FoldWeights.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace archc {
namespace {

/// The ops of `forward` that need nothing but parameters, in order.
llvm::SetVector<Operation *> parameterOps(func::FuncOp forward) {
  llvm::SetVector<Operation *> ops;
  auto isPrepared = [&](Value value) { return value.getDefiningOp() && ops.contains(value.getDefiningOp()); };
  for (Operation &op : forward.getBody().front().without_terminator())
    if (llvm::all_of(op.getOperands(), isPrepared))
      ops.insert(&op);
  return ops;
}

/// The values that the rest of `forward` reads of `ops`, in order of first use.
llvm::SetVector<Value> crossingValues(func::FuncOp forward, const llvm::SetVector<Operation *> &ops) {
  llvm::SetVector<Value> crossing;
  for (Operation &op : forward.getBody().front())
    if (!ops.contains(&op))
      for (Value operand : op.getOperands())
        if (Operation *definition = operand.getDefiningOp(); definition && ops.contains(definition))
          crossing.insert(operand);
  return crossing;
}

} // namespace

func::FuncOp splitPrepare(func::FuncOp forward) {
  llvm::SetVector<Operation *> ops = parameterOps(forward);
  llvm::SetVector<Value> crossing = crossingValues(forward, ops);

  OpBuilder builder(forward);
  SmallVector<Type> results(llvm::map_range(crossing, [](Value value) { return value.getType(); }));
  auto prepare = func::FuncOp::create(builder, forward.getLoc(), "prepare", builder.getFunctionType({}, results));
  Block *body = prepare.addEntryBlock();
  builder.setInsertionPointToEnd(body);
  auto returned = func::ReturnOp::create(builder, forward.getLoc(), crossing.getArrayRef());
  for (Operation *op : ops)
    op->moveBefore(returned);

  Block &rest = forward.getBody().front();
  for (Value value : crossing) {
    BlockArgument argument = rest.addArgument(value.getType(), value.getLoc());
    value.replaceUsesWithIf(argument, [&](OpOperand &use) { return use.getOwner()->getBlock() == &rest; });
  }
  forward.setFunctionType(builder.getFunctionType(rest.getArgumentTypes(), forward.getResultTypes()));
  return prepare;
}

} // namespace archc
