//===- Rematerialize.cpp - What the pass back computes again --------------===//
//
// Activations and norms over channels are cheaper to compute twice than to keep: a kernel of the pass back that reads the map they are
// made from anyway does it for a few instructions, while the value would lie in memory from the pass forward on.
//
//===----------------------------------------------------------------------===//

#include "passes/Fuse/Groups.h"

#include "dialect/mf/MfOps.h"

using namespace mlir;

namespace archc {

Operation *lossOf(func::FuncOp func) {
  Operation *returned = func.getBody().front().getTerminator();
  return returned->getNumOperands() > 1 ? returned->getOperand(0).getDefiningOp() : nullptr;
}

namespace {

class Rematerializer {
public:
  Rematerializer(func::FuncOp func, Operation *loss) : returned(func.getBody().front().getTerminator()) {
    bool isBack = false;
    for (Operation &op : func.getBody().front().without_terminator()) {
      all.push_back(&op);
      if (isBack)
        back.insert(&op);
      isBack = isBack || &op == loss;
    }
  }

  /// Users before what they read, so that copies are copied.
  void run() {
    for (size_t i = all.size(); i-- > 0;) // copies are added behind
      if (Operation *op = all[i]; !back.contains(op) && isCheap(op))
        computeInPassBack(op);
    for (Operation *op : llvm::reverse(all))
      if (isPointwise(op) && llvm::count_if(op->getOperands(), isMap) == 1)
        computeAtUsers(op);
    separateResults();
  }

private:
  /// An elementwise op or a norm over the channels of one map.
  static bool isCheap(Operation *op) {
    bool isRowNorm = isa<mf::NormOpInterface>(op) && cast<mf::NormOpInterface>(op).getStatistics() == mf::Statistics::Position;
    return (isPointwise(op) || isRowNorm) && llvm::count_if(op->getOperands(), isMap) == 1;
  }

  /// Whether `user` takes the value from the kernel that computes it, so that it need not lie in memory.
  static bool readsInKernel(Operation *user) {
    auto fusable = dyn_cast<mf::FusableOpInterface>(user);
    return fusable && fusable.getNeed() == mf::Need::Rows;
  }

  /// Readers of the pass back get a copy of their own, if no kernel of the pass forward needs the value in memory. What it is made
  /// from must lie there: another reader in the pass back, or a kernel's boundary, sees to that in practice.
  void computeInPassBack(Operation *op) {
    Operation *first = nullptr;
    for (OpOperand &use : op->getUses()) {
      Operation *user = use.getOwner();
      if (!back.contains(user) && !readsInKernel(user))
        return;
      if (back.contains(user) && (!first || user->isBeforeInBlock(first)))
        first = user;
    }
    if (!first)
      return;
    OpBuilder builder(first);
    Operation *copy = builder.clone(*op);
    op->getResult(0).replaceUsesWithIf(copy->getResult(0), [&](OpOperand &use) { return back.contains(use.getOwner()); });
    back.insert(copy);
    all.push_back(copy);
  }

  /// Whether `use` can compute the value it reads itself: it is elementwise and reads another map at the same rows.
  static bool canCompute(OpOperand &use) {
    Operation *user = use.getOwner();
    return isPointwise(user) && llvm::count_if(user->getOperands(), isMap) > 1;
  }

  /// A copy of `op` in front of each user of the pass back that can compute it.
  void computeAtUsers(Operation *op) {
    SmallVector<OpOperand *> uses;
    size_t count = 0;
    for (OpOperand &use : op->getUses()) {
      ++count;
      if (back.contains(use.getOwner()) && canCompute(use))
        uses.push_back(&use);
    }
    if (count == 1) // it waits for its only user as it is
      return;
    for (OpOperand *use : uses) {
      OpBuilder builder(use->getOwner());
      use->set(builder.clone(*op)->getResult(0));
    }
    if (op->use_empty())
      op->erase();
  }

  /// The caller binds memory for each result: where two parameters have one gradient, it is computed for both.
  void separateResults() {
    llvm::SmallDenseSet<Value> seen;
    for (OpOperand &result : returned->getOpOperands()) {
      Operation *definition = result.get().getDefiningOp();
      if (!seen.insert(result.get()).second && definition) {
        OpBuilder builder(returned);
        builder.setInsertionPointAfter(definition);
        result.set(builder.clone(*definition)->getResult(0));
      }
    }
  }

  Operation *returned;
  SmallVector<Operation *> all;
  llvm::DenseSet<Operation *> back;
};

} // namespace

void rematerialize(func::FuncOp func) {
  if (Operation *loss = lossOf(func))
    Rematerializer(func, loss).run();
}

} // namespace archc
