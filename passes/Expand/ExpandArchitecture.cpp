//===- ExpandArchitecture.cpp - mf.arch -> func @forward ------------------===//

#include "dialect/mf/Markers.h"
#include "passes/Expand/ExpandParts.h"
#include "passes/Expand/Passes.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/TypeSwitch.h"

namespace archc {
#define GEN_PASS_DEF_EXPANDARCHITECTUREPASS
#include "passes/Expand/Passes.h.inc"
} // namespace archc

using namespace mlir;

namespace archc {
namespace {

struct ExpandArchitecture : impl::ExpandArchitecturePassBase<ExpandArchitecture> {
  void runOnOperation() override {
    for (auto arch : llvm::make_early_inc_range(getOperation().getOps<mf::ArchOp>()))
      if (failed(expand(arch)))
        return signalPassFailure();
  }

private:
  LogicalResult expand(mf::ArchOp arch);
  /// Expands the parts of `body` and returns the value that its `mf.yield` ends with; null after an error.
  Value expandBody(OpBuilder &builder, Block &body, IRMapping &values);
  Value expandPart(OpBuilder &builder, Operation &op, IRMapping &values);
};

/// The op that ends a part also answers to the part's own path, so that `stages.2.blocks.3` names the block's output. Outputs of
/// blocks stay in memory, whatever is fused: they can always be tapped.
void nameResult(Value result, Operation &part) {
  Operation *op = result.getDefiningOp();
  if (!op)
    return;
  op->setLoc(FusedLoc::get(op->getContext(), {op->getLoc(), part.getLoc()}));
  if (isa<mf::BlockOp>(part))
    op->setAttr(mf::kObservedAttrName, UnitAttr::get(op->getContext()));
}

LogicalResult ExpandArchitecture::expand(mf::ArchOp arch) {
  OpBuilder builder(arch);
  Block &body = arch.getBody().front();
  Type output = body.getTerminator()->getOperand(0).getType();
  auto type = builder.getFunctionType(body.getArgumentTypes(), output);
  auto forward = func::FuncOp::create(builder, arch.getLoc(), "forward", type);
  builder.setInsertionPointToEnd(forward.addEntryBlock());
  IRMapping values;
  values.map(body.getArgument(0), forward.getArgument(0));
  Value result = expandBody(builder, body, values);
  if (!result)
    return failure();
  func::ReturnOp::create(builder, arch.getLoc(), result);
  arch.erase();
  return success();
}

Value ExpandArchitecture::expandBody(OpBuilder &builder, Block &body, IRMapping &values) {
  for (Operation &op : body.without_terminator()) {
    Value result = expandPart(builder, op, values);
    if (!result)
      return {};
    if (result.getType() != op.getResult(0).getType()) {
      op.emitError() << "expands to " << result.getType() << "; expected " << op.getResult(0).getType();
      return {};
    }
    nameResult(result, op);
    values.map(op.getResult(0), result);
  }
  return values.lookup(body.getTerminator()->getOperand(0));
}

Value ExpandArchitecture::expandPart(OpBuilder &builder, Operation &op, IRMapping &values) {
  auto expandSlot = [&](Slot slot, auto part) {
    Scope scope(builder, part, part.getPath(), part.getParams());
    return expandComponent(slot, scope, Component(part.getComponent()), values.lookup(part.getX()));
  };
  return llvm::TypeSwitch<Operation *, Value>(&op)
      .Case([&](mf::StageOp stage) {
        for (auto [argument, input] : llvm::zip(stage.getBody().getArguments(), stage.getInputs()))
          values.map(argument, values.lookup(input));
        return expandBody(builder, stage.getBody().front(), values);
      })
      .Case([&](mf::EmbedOp embed) { return expandSlot(Slot::Embed, embed); })
      .Case([&](mf::PositionOp position) { return expandSlot(Slot::Position, position); })
      .Case([&](mf::BlockOp block) { return expandBlock(builder, block, values.lookup(block.getX())); })
      .Case([&](mf::HeadOp head) { return expandHead(builder, head, values.lookup(head.getX())); })
      .Default([](Operation *op) {
        op->emitError("is no part of an architecture");
        return Value();
      });
}

} // namespace
} // namespace archc
