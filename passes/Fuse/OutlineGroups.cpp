//===- OutlineGroups.cpp - A group becomes one mf.fused op ----------------===//

#include "passes/Fuse/Groups.h"

#include "dialect/mf/Markers.h"
#include "dialect/mf/MfOps.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace archc {
namespace {

/// Values that the group reads but does not compute, in order of first use.
llvm::SetVector<Value> inputsOf(const Group &group) {
  llvm::SetVector<Value> inputs;
  for (Operation *op : group.ops)
    for (Value operand : op->getOperands())
      if (!llvm::is_contained(group.ops, operand.getDefiningOp()))
        inputs.insert(operand);
  return inputs;
}

/// Values that the group computes for others.
SmallVector<Value> outputsOf(const Group &group) {
  SmallVector<Value> outputs;
  for (Operation *op : group.ops) {
    auto isOutside = [&](Operation *user) { return !llvm::is_contained(group.ops, user); };
    if (op->hasAttr(mf::kObservedAttrName) || llvm::any_of(op->getUsers(), isOutside))
      outputs.push_back(op->getResult(0));
  }
  return outputs;
}

void outline(OpBuilder &builder, const Group &group) {
  SmallVector<Value> inputs = inputsOf(group).takeVector(), outputs = outputsOf(group);
  SmallVector<Location> locations(llvm::map_range(group.ops, [](Operation *op) { return op->getLoc(); }));
  auto fused = mf::FusedOp::create(builder, builder.getFusedLoc(locations), ValueRange(outputs).getTypes(), inputs);
  Block &body = fused.getBody().emplaceBlock();

  IRMapping mapping;
  for (Value input : inputs)
    mapping.map(input, body.addArgument(input.getType(), input.getLoc()));
  OpBuilder inside = OpBuilder::atBlockEnd(&body);
  for (Operation *op : group.ops)
    inside.clone(*op, mapping)->removeAttr(mf::kRecomputedAttrName); // so that kernels of both passes can be one
  SmallVector<Value> yielded(llvm::map_range(outputs, [&](Value value) { return mapping.lookup(value); }));
  mf::YieldOp::create(inside, fused.getLoc(), yielded);
  for (auto [value, result] : llvm::zip(outputs, fused.getResults()))
    value.replaceAllUsesWith(result);
}

} // namespace

/// Says what became one kernel.
static void report(const Group &group) {
  if (group.ops.size() < 2)
    return;
  std::string names;
  for (Operation *op : group.ops)
    names += (names.empty() ? "" : ", ") + op->getName().stripDialect().str();
  remark::passed(group.ops.front()->getLoc(), remark::RemarkOpts::name("fuse").category("fuse")) << "one kernel: " + names;
}

void outlineGroups(func::FuncOp func, const std::vector<Group> &groups) {
  OpBuilder builder(func.getBody().front().getTerminator());
  for (const Group &group : groups) {
    report(group);
    outline(builder, group);
  }
  // Every result is replaced by now; users stand behind their definitions.
  for (const Group &group : llvm::reverse(groups))
    for (Operation *op : llvm::reverse(group.ops))
      op->erase();
}

} // namespace archc
