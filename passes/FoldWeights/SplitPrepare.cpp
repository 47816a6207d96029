//===- SplitPrepare.cpp - Parameters -> the weights that kernels read -----===//

#include "passes/FoldWeights/FoldWeights.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace archc {
namespace {

/// The ops of `function` that need nothing but parameters, in order.
llvm::SetVector<Operation *> parameterOps(func::FuncOp function) {
  llvm::SetVector<Operation *> ops;
  auto isPrepared = [&](Value value) { return value.getDefiningOp() && ops.contains(value.getDefiningOp()); };
  for (Operation &op : function.getBody().front().without_terminator())
    if (llvm::all_of(op.getOperands(), isPrepared))
      ops.insert(&op);
  return ops;
}

/// The values that the rest of `function` reads of `ops`, in order of first use.
llvm::SetVector<Value> crossingValues(func::FuncOp function, const llvm::SetVector<Operation *> &ops) {
  llvm::SetVector<Value> crossing;
  for (Operation &op : function.getBody().front())
    if (!ops.contains(&op))
      for (Value operand : op.getOperands())
        if (Operation *definition = operand.getDefiningOp(); definition && ops.contains(definition))
          crossing.insert(operand);
  return crossing;
}

} // namespace

func::FuncOp splitPrepare(func::FuncOp function, StringRef name) {
  llvm::SetVector<Operation *> ops = parameterOps(function);
  llvm::SetVector<Value> crossing = crossingValues(function, ops);

  OpBuilder builder(function);
  SmallVector<Type> results(llvm::map_range(crossing, [](Value value) { return value.getType(); }));
  auto prepare = func::FuncOp::create(builder, function.getLoc(), name, builder.getFunctionType({}, results));
  Block *body = prepare.addEntryBlock();
  builder.setInsertionPointToEnd(body);
  auto returned = func::ReturnOp::create(builder, function.getLoc(), crossing.getArrayRef());
  for (Operation *op : ops)
    op->moveBefore(returned);

  Block &rest = function.getBody().front();
  for (Value value : crossing) {
    BlockArgument argument = rest.addArgument(value.getType(), value.getLoc());
    value.replaceUsesWithIf(argument, [&](OpOperand &use) { return use.getOwner()->getBlock() == &rest; });
  }
  function.setFunctionType(builder.getFunctionType(rest.getArgumentTypes(), function.getResultTypes()));
  return prepare;
}

} // namespace archc
