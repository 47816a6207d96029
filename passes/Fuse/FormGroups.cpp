//===- FormGroups.cpp - The greedy grouping and its cost model ------------===//

#include "passes/Fuse/Groups.h"

#include "dialect/mf/Markers.h"
#include "dialect/mf/MfOps.h"

#include "mlir/IR/Remarks.h"
#include "llvm/ADT/DenseSet.h"

using namespace mlir;

namespace archc {

bool isMap(Value value) { return cast<RankedTensorType>(value.getType()).isDynamicDim(0); }

bool isPointwise(Operation *op) {
  auto fusable = dyn_cast<mf::FusableOpInterface>(op);
  bool isNormOrProduct = isa<mf::ContractionOpInterface, mf::NormOpInterface>(op);
  return fusable && fusable.getNeed() == mf::Need::Rows && !isNormOrProduct && !fusable.sumsOverChannels() &&
         !fusable.ridesOnMap();
}

namespace {

bool ridesOnItsMap(Operation *op) {
  auto fusable = dyn_cast_or_null<mf::FusableOpInterface>(op);
  return fusable && fusable.ridesOnMap();
}

GroupKind kindOfRoot(Operation *op) {
  if (!isMap(op->getResult(0)))
    return GroupKind::Image; // sums over all rows of all images
  if (isa<mf::ContractionOpInterface>(op) || isPointwise(op))
    return GroupKind::Rows;
  if (ridesOnItsMap(op))
    return GroupKind::Stencil;
  auto fusable = dyn_cast<mf::FusableOpInterface>(op);
  if (!fusable || fusable.getNeed() == mf::Need::Image)
    return GroupKind::Image;
  return fusable.getNeed() == mf::Need::Rows ? GroupKind::Rows : GroupKind::Stencil;
}

/// Ops whose row i needs row i only; they may follow others inside a row block.
bool isRowwise(Operation *op) {
  if (isPointwise(op))
    return true;
  auto fusable = dyn_cast<mf::FusableOpInterface>(op);
  return fusable && fusable.getNeed() == mf::Need::Rows;
}

int64_t weightBytes(Operation *op) {
  int64_t bytes = 0;
  for (Value operand : op->getOperands())
    if (!isMap(operand))
      bytes += cast<RankedTensorType>(operand.getType()).getNumElements() * 4;
  return bytes;
}

/// Floats per row that must be in cache while `op` runs: its input and its result. A gathered window counts whole.
int64_t scratchPerRow(Operation *op) {
  if (isPointwise(op))
    return 0;
  auto contraction = dyn_cast<mf::ContractionOpInterface>(op);
  int64_t input = contraction ? contraction.getReduction() : mf::channelsOf(op->getOperand(0));
  return input + mf::channelsOf(op->getResult(0));
}

class Former {
public:
  Former(const FuseOptions &options) : options(options) {}

  /// `op` and what follows must not extend groups formed so far: their results would wait in memory for the whole pass back.
  void closeGroups() { firstOpen = groups.size(); }

  void add(Operation *op) {
    if (options.enabled && canWait(op)) {
      waiting.insert(op);
      return;
    }
    int target = options.enabled ? latestGroup(op) : -1;
    if (options.enabled && target < firstOpen && firstOpen > 0)
      target = latestOfShape(op);
    if (target < firstOpen || !accepts(groups[target], op)) {
      groups.push_back({kindOfRoot(op), {}, 0, 0});
      target = groups.size() - 1;
    }
    for (Value operand : op->getOperands())
      if (Operation *scaled = operand.getDefiningOp(); waiting.erase(scaled))
        append(target, scaled);
    append(target, op);
  }

  std::vector<Group> take() { return std::move(groups); }

private:
  /// A factor on a shortcut is cheaper where the sum is: the map itself is in memory anyway, its multiple need not be.
  static bool canWait(Operation *op) {
    auto maps = llvm::count_if(op->getOperands(), isMap);
    if (!isPointwise(op) || maps != 1 || !op->hasOneUse() || op->hasAttr(mf::kObservedAttrName))
      return false;
    Operation *user = *op->user_begin();
    return isPointwise(user) && llvm::count_if(user->getOperands(), isMap) > 1;
  }

  /// The last of the groups that compute what `op` reads, directly or through an op that waits for it.
  int latestGroup(Operation *op) {
    int latest = -1;
    for (Value operand : op->getOperands()) {
      Operation *definition = operand.getDefiningOp();
      if (definition && waiting.contains(definition))
        latest = std::max(latest, latestGroup(definition));
      else if (auto entry = groupOf.find(definition); definition && entry != groupOf.end())
        latest = std::max(latest, entry->second);
    }
    return latest;
  }

  /// Of an op of the pass back that reads the pass forward only: the last kernel of the pass back, which is likely to read the same.
  int latestOfShape(Operation *op) {
    int last = static_cast<int>(groups.size()) - 1;
    while (last >= firstOpen && !isMap(groups[last].ops.front()->getResult(0)))
      --last;
    bool joins = last >= firstOpen && isMap(op->getResult(0)) && isRowwise(op) && groups[last].kind != GroupKind::Image &&
                 mapOf(groups[last]) == mapShape(op);
    return joins ? last : -1;
  }

  void append(int index, Operation *op) {
    Group &group = groups[index];
    group.ops.push_back(op);
    group.weightBytes += weightBytes(op);
    group.scratchPerRow = std::max(group.scratchPerRow, scratchPerRow(op));
    groupOf[op] = index;
  }

  /// All map operands come from earlier groups or this one by construction: `target` is the latest of them.
  bool accepts(const Group &group, Operation *op) {
    if (!isMap(op->getResult(0)) || !isMap(group.ops.front()->getResult(0)))
      return missed(op, "a sum over all rows is a kernel of its own");
    if (!isRowwise(op))
      return missed(op, "it needs other positions than its own, which another worker may compute");
    if (readsLinesOf(group, op))
      return missed(op, "it needs the statistics of the whole image, which this kernel has at its end only");
    if (group.kind == GroupKind::Image && !acceptsTail(group))
      return missed(op, "the producing kernel has no elementwise tail");
    if (isPointwise(op))
      return mapOf(group) == mapShape(op);
    if (group.kind == GroupKind::Image)
      return missed(op, "the producing kernel has no rows of its own");
    return ridesOnItsMap(op) ? holdsLines(group, op) : fits(group, op);
  }

  /// Statistics are whole when every line of the image is done: never inside the kernel that takes them.
  static bool readsLinesOf(const Group &group, Operation *op) {
    return llvm::any_of(op->getOperands(), [&](Value operand) {
      Operation *lines = operand.getDefiningOp();
      return ridesOnItsMap(lines) && llvm::is_contained(group.ops, lines);
    });
  }

  /// Only kernels that put out rows as they go can apply more elementwise work to them.
  bool acceptsTail(const Group &group) {
    auto fusable = dyn_cast<mf::FusableOpInterface>(group.ops.front());
    return fusable && fusable.appliesTail();
  }

  /// The positions an op works on: batch, height, width.
  static ArrayRef<int64_t> mapShape(Operation *op) {
    Value map = ridesOnItsMap(op) ? op->getOperand(0) : op->getResult(0);
    return cast<RankedTensorType>(map.getType()).getShape().drop_back();
  }
  static ArrayRef<int64_t> mapOf(const Group &group) { return mapShape(group.ops.back()); }

  /// The cost model: a row block must hold enough rows to pay for streaming the group's weights once per block.
  bool fits(const Group &group, Operation *op) {
    if (mapOf(group) != mapShape(op))
      return missed(op, "the positions differ");
    int64_t perRow = std::max(group.scratchPerRow, scratchPerRow(op));
    int64_t rows = options.scratchBudget / (perRow * 4);
    int64_t weights = group.weightBytes + weightBytes(op);
    if (options.wholeLines && llvm::any_of(group.ops, ridesOnItsMap) && rows < mapOf(group)[2])
      return missed(op, "a block of " + Twine(rows) + " rows holds no line of the map whose statistics are taken");
    if (rows < options.minRows && weights > options.cachedWeights)
      return missed(op, "a block of " + Twine(rows) + " rows would stream " + Twine(weights >> 10) + " KB of weights");
    return true;
  }

  bool holdsLines(const Group &group, Operation *op) {
    if (!options.wholeLines || group.scratchPerRow == 0)
      return true;
    const int64_t rows = options.scratchBudget / (group.scratchPerRow * 4);
    if (rows < mapShape(op)[2])
      return missed(op, "a block of " + Twine(rows) + " rows holds no line of the map");
    return true;
  }

  bool missed(Operation *op, const Twine &reason) {
    remark::missed(op->getLoc(), remark::RemarkOpts::name("fuse").category("fuse")) << reason.str();
    return false;
  }

  const FuseOptions &options;
  std::vector<Group> groups;
  int firstOpen = 0;
  llvm::DenseMap<Operation *, int> groupOf;
  llvm::DenseSet<Operation *> waiting;
};

} // namespace

std::vector<Group> formGroups(func::FuncOp func, const FuseOptions &options) {
  Former former(options);
  Operation *loss = lossOf(func);
  for (Operation &op : func.getBody().front().without_terminator()) {
    former.add(&op);
    if (&op == loss)
      former.closeGroups();
  }
  return former.take();
}

} // namespace archc
