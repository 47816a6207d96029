//===- NormOps.cpp - Normalisations ---------------------------------------===//

#include "dialect/mf/MfOps.h"
#include "dialect/mf/Verification.h"

using namespace mlir;
using namespace archc::mf;

/// `norm_c2`
static LogicalResult verifyEpsilon(Operation *op, double epsilon) {
  if (epsilon >= 0)
    return success();
  return op->emitOpError("has negative `eps`");
}

/// `norm_c1`, `norm_c2`
static LogicalResult verifyChannelNorm(NormOpInterface norm) {
  int64_t channels = channelsOf(norm->getOperand(0));
  if (failed(verifyShape(norm, "weight", norm.getWeightOrNull(), {channels})) ||
      failed(verifyShape(norm, "bias", norm.getBiasOrNull(), {channels})))
    return failure();
  return verifyEpsilon(norm, norm.getEpsilon());
}

// --- mf.layer_norm -----------------------------------------------------------

LogicalResult LayerNormOp::verify() { return verifyChannelNorm(cast<NormOpInterface>(getOperation())); }

Value LayerNormOp::createWithTail(OpBuilder &builder, Value scale, Value shift) {
  return LayerNormOp::create(builder, getLoc(), getX(), scale, shift, getEpsAttr());
}

// --- mf.layer_norm_chw -------------------------------------------------------

LogicalResult LayerNormChwOp::verify() {
  ArrayRef<int64_t> map = getX().getType().getShape();
  SmallVector<int64_t> expected = {map.back(), 1, 1};
  if (map.size() == 4)
    expected = {map[3], map[1], map[2]};
  if (failed(verifyShape(*this, "weight", getWeight(), expected)) || // layer_norm_chw_c1
      failed(verifyShape(*this, "bias", getBias(), expected)))
    return failure();
  return verifyEpsilon(*this, getEpsilon());
}

// --- mf.group_norm -----------------------------------------------------------

LogicalResult GroupNormOp::verify() {
  int64_t groups = getGroupsAttr().getInt(), channels = channelsOf(getX());
  if (groups < 1 || channels % groups) // group_norm_c1
    return emitOpError("has ") << groups << " groups; expected a divisor of " << channels << " channels";
  return verifyChannelNorm(cast<NormOpInterface>(getOperation()));
}

Value GroupNormOp::createWithTail(OpBuilder &builder, Value scale, Value shift) {
  return GroupNormOp::create(builder, getLoc(), getX(), scale, shift, getGroupsAttr(), getEpsAttr());
}

// --- mf.batch_norm -----------------------------------------------------------

LogicalResult BatchNormOp::verify() {
  int64_t channels = channelsOf(getX());
  if (failed(verifyShape(*this, "mean", getMean(), {channels})) || // batch_norm_c1
      failed(verifyShape(*this, "var", getVar(), {channels})))
    return failure();
  return verifyChannelNorm(cast<NormOpInterface>(getOperation()));
}

Value BatchNormOp::createWithTail(OpBuilder &builder, Value scale, Value shift) {
  return BatchNormOp::create(builder, getLoc(), getX(), getMean(), getVar(), scale, shift, getEpsAttr());
}

// --- mf.rms_norm -------------------------------------------------------------

LogicalResult RmsNormOp::verify() { return verifyChannelNorm(cast<NormOpInterface>(getOperation())); }

Value RmsNormOp::createWithTail(OpBuilder &builder, Value scale, Value shift) {
  Value y = RmsNormOp::create(builder, getLoc(), getX(), scale, getEpsAttr());
  return shift ? AffineOp::create(builder, getLoc(), y, /*scale=*/Value(), shift).getY() : y;
}

// --- mf.norm_scale -----------------------------------------------------------

LogicalResult NormScaleOp::verify() {
  if (failed(verifyShape(*this, "weight", getWeight(), {channelsOf(getX())})))
    return failure();
  return verifyEpsilon(*this, getEps().convertToDouble());
}

Need NormScaleOp::getNeed() { return Need::Image; }

// --- mf.image_stats, mf.normalize --------------------------------------------

/// `image_stats_c1`, `normalize_c1`
static LogicalResult verifyLines(Operation *op, RankedTensorType map, int64_t groups, Value lines) {
  ArrayRef<int64_t> shape = map.getShape();
  if (groups < 1 || shape.back() % groups)
    return op->emitOpError("has ") << groups << " groups; expected a divisor of " << shape.back() << " channels";
  return verifyShape(op, "lines", lines, {shape[0], shape.size() == 4 ? shape[1] : 1, groups, 2});
}

LogicalResult ImageStatsOp::verify() { return verifyLines(*this, getX().getType(), getGroupsAttr().getInt(), getLines()); }

LogicalResult NormalizeOp::verify() {
  RankedTensorType map = getX().getType();
  if (failed(verifyLines(*this, map, getGroupsAttr().getInt(), getLines())))
    return failure();
  SmallVector<int64_t> perPosition = {channelsOf(getX()), 1, 1};
  if (map.getRank() == 4)
    perPosition = {map.getDimSize(3), map.getDimSize(1), map.getDimSize(2)};
  auto verifyAffine = [&](StringRef name, Value value) { // normalize_c2
    bool isVector = value && cast<RankedTensorType>(value.getType()).getRank() == 1;
    return verifyShape(*this, name, value, ArrayRef<int64_t>(perPosition).take_front(isVector ? 1 : 3));
  };
  if (failed(verifyAffine("weight", getWeight())) || failed(verifyAffine("bias", getBias())))
    return failure();
  return verifyEpsilon(*this, getEps().convertToDouble());
}
