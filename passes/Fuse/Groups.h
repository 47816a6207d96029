//===- Groups.h - Which ops become one kernel -----------------------------===//
//
// A greedy grouping over the ops of a function in order, decided by interfaces and a cost model.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_PASSES_FUSE_GROUPS_H
#define ARCHC_PASSES_FUSE_GROUPS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

#include <string>
#include <vector>

namespace archc {

/// How a group runs: over rows of channels, over image rows with a window, or over whole images.
enum class GroupKind { Rows, Stencil, Image };

struct Group {
  GroupKind kind;
  llvm::SmallVector<mlir::Operation *> ops; // in program order; the first is the root
  int64_t scratchPerRow = 0;                // floats of the widest op, input and result, per row
  int64_t weightBytes = 0;
};

/// What the cost model knows of the target and what the user allows.
struct FuseOptions {
  bool enabled = true;               // false: every op is a kernel
  int64_t scratchBudget = 256 << 10; // bytes of scratch per worker: half of the L2 cache
  int64_t minRows = 48;              // rows per block below which streaming weights dominates
  int64_t cachedWeights = 512 << 10; // weights up to this size stay in L2 between row blocks
  bool wholeLines = false;           // whether a line whose statistics are taken must fit the scratch
};

/// Maps depend on the batch, parameters and their gradients do not.
bool isMap(mlir::Value value);

/// Whether `op` needs nothing but its own element and numbers known beforehand: no sum over channels.
bool isPointwise(mlir::Operation *op);

/// The op that ends the pass forward of a training step, whose first result is the loss; null for other functions.
mlir::Operation *lossOf(mlir::func::FuncOp func);

/// In the pass back of a training step, cheap ops are computed where they are read, and no two results are one value.
void rematerialize(mlir::func::FuncOp func);

/// Groups the ops of `func`'s body, in an order in which they can run.
std::vector<Group> formGroups(mlir::func::FuncOp func, const FuseOptions &options);

/// Replaces each group by one `mf.fused` op.
void outlineGroups(mlir::func::FuncOp func, const std::vector<Group> &groups);

} // namespace archc

#endif // ARCHC_PASSES_FUSE_GROUPS_H
