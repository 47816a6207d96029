//===- FoldAffine.cpp - Scales and shifts move into weights ---------------===//

#include "passes/FoldWeights/FoldWeights.h"

#include "dialect/mf/Markers.h"
#include "dialect/mf/MfOps.h"

#include "mlir/IR/Remarks.h"

using namespace mlir;

namespace archc {
namespace {

constexpr StringLiteral kCategory = "fold-weights";

void passed(Operation *op, const Twine &text) {
  mlir::remark::passed(op->getLoc(), mlir::remark::RemarkOpts::name("fold-affine").category(kCategory)) << text.str();
}

void missed(Operation *op, const Twine &text) {
  mlir::remark::missed(op->getLoc(), mlir::remark::RemarkOpts::name("fold-affine").category(kCategory)) << text.str();
}

/// Replaces `user`'s weight by weight * scale (over input channels) and its bias by bias + weight * shift.
void foldIntoInput(OpBuilder &builder, mf::WeightedOpInterface user, Value scale, Value shift) {
  builder.setInsertionPoint(user);
  Value weight = user.getWeightOperand().get();
  Location loc = user->getLoc();
  int64_t axis = user.getInputAxis();
  if (shift)
    user.setBias(mf::FoldBiasOp::create(builder, loc, weight, user.getBiasOrNull(), shift, /*out_scale=*/Value(), axis));
  if (scale)
    user.getWeightOperand().set(mf::FoldWeightOp::create(builder, loc, weight, scale, /*out_scale=*/Value(), axis));
}

/// Why `tail` cannot move into all of its consumers; empty when it can.
std::string whyNotForward(mf::AffineTailOpInterface tail) {
  if (tail->use_empty())
    return "its result is not used";
  if (tail->hasAttr(mf::kObservedAttrName))
    return "its result is observed";
  for (OpOperand &use : tail->getUses()) {
    auto user = dyn_cast<mf::WeightedOpInterface>(use.getOwner());
    if (!user || user.getInput() != use.get())
      return "a consumer has no weights to fold into";
    if (!user.hasInputAxis())
      return "a consumer's weights do not run over input channels";
    if (tail.getTailShift() && user.padsInput())
      return "a consumer pads with zeros, which the shift would have to reach too";
  }
  return {};
}

/// y = s * z + b into every consumer's weights.
bool foldForward(OpBuilder &builder, mf::AffineTailOpInterface tail) {
  Value scale = tail.getTailScale(), shift = tail.getTailShift();
  if (!scale && !shift)
    return false;
  if (std::string reason = whyNotForward(tail); !reason.empty()) {
    missed(tail, "scale and shift stay: " + reason);
    return false;
  }
  for (Operation *user : llvm::make_early_inc_range(llvm::to_vector(tail->getUsers())))
    foldIntoInput(builder, cast<mf::WeightedOpInterface>(user), scale, shift);
  builder.setInsertionPoint(tail);
  Value bare = tail.createWithTail(builder, Value(), Value());
  if (bare != tail->getOperand(0)) // its value is no longer the graph's: not for taps
    bare.getDefiningOp()->setAttr(mf::kPartialAttrName, builder.getUnitAttr());
  passed(tail, "scale and shift moved into the consumers' weights");
  tail->getResult(0).replaceAllUsesWith(bare);
  tail->erase();
  return true;
}

/// y = s * (W x + c) + b becomes (s W) x + (s c + b) when `tail` reads that product as it is and nobody else does.
bool foldBackward(OpBuilder &builder, mf::AffineTailOpInterface tail) {
  Value map = tail->getOperand(0), scale = tail.getTailScale(), shift = tail.getTailShift();
  auto producer = map.getDefiningOp<mf::WeightedOpInterface>();
  if (!producer || !map.hasOneUse() || producer->hasAttr(mf::kObservedAttrName))
    return false;
  builder.setInsertionPoint(producer);
  Location loc = producer->getLoc();
  Value weight = producer.getWeightOperand().get();
  Value bias = producer.getBiasOrNull();
  int64_t axis = producer.getInputAxis();
  if (bias && scale)
    bias = mf::FoldBiasOp::create(builder, loc, weight, bias, /*in_shift=*/Value(), scale, axis);
  if (bias && shift)
    bias = mf::SumOp::create(builder, loc, bias, shift);
  producer.setBias(bias ? bias : shift);
  if (scale)
    producer.getWeightOperand().set(mf::FoldWeightOp::create(builder, loc, weight, /*in_scale=*/Value(), scale, axis));
  passed(tail, "moved into the producer's weights");
  producer->setLoc(builder.getFusedLoc({tail->getLoc(), producer->getLoc()}));
  producer->setDiscardableAttrs(llvm::to_vector(tail->getDiscardableAttrs()));
  tail->getResult(0).replaceAllUsesWith(map);
  tail->erase();
  return true;
}

/// Batch norm with running statistics is one affine step per channel.
void lowerRunningNorm(OpBuilder &builder, mf::BatchNormOp norm) {
  // Behind the parameters: the affine step may move into a producer that stands before the norm.
  Operation *behind = norm->getBlock()->getTerminator();
  for (Operation &op : *norm->getBlock())
    if (!isa<mf::ParamOp>(op)) {
      behind = &op;
      break;
    }
  builder.setInsertionPoint(behind);
  Value scale = mf::NormStatsScaleOp::create(builder, norm.getLoc(), norm.getVar(), norm.getWeight(), norm.getEpsAttr());
  Value shift = mf::NormStatsShiftOp::create(builder, norm.getLoc(), norm.getMean(), scale, norm.getBias());
  builder.setInsertionPoint(norm);
  auto affine = mf::AffineOp::create(builder, norm.getLoc(), norm.getX(), scale, shift);
  affine->setDiscardableAttrs(llvm::to_vector(norm->getDiscardableAttrs()));
  norm.getResult().replaceAllUsesWith(affine.getY());
  norm.erase();
}

/// Parameters first, so that what is folded from them can stand wherever it is needed.
void hoistParameters(func::FuncOp forward) {
  Block &body = forward.getBody().front();
  Operation *last = nullptr;
  for (Operation &op : llvm::make_early_inc_range(body)) {
    if (!isa<mf::ParamOp>(op))
      continue;
    if (last)
      op.moveAfter(last);
    else
      op.moveBefore(&body, body.begin());
    last = &op;
  }
}

} // namespace

void lowerRunningNorms(func::FuncOp forward) {
  OpBuilder builder(forward.getContext());
  hoistParameters(forward);
  forward.walk([&](mf::BatchNormOp norm) { lowerRunningNorm(builder, norm); });
}

void foldAffine(func::FuncOp forward) {
  OpBuilder builder(forward.getContext());
  hoistParameters(forward);
  SmallVector<Operation *> candidates;
  forward.walk([&](mf::AffineTailOpInterface op) { candidates.push_back(op); });
  for (Operation *op : candidates)
    if (!isa<mf::ScaleOp, mf::AffineOp>(op) || !foldBackward(builder, cast<mf::AffineTailOpInterface>(op)))
      foldForward(builder, cast<mf::AffineTailOpInterface>(op));
}

} // namespace archc
