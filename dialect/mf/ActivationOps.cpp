//===- ActivationOps.cpp - Elementwise ops --------------------------------===//

#include "dialect/mf/MfOps.h"
#include "dialect/mf/Verification.h"

using namespace mlir;
using namespace archc::mf;

/// relu(relu(x)) = relu(x)
OpFoldResult ReluOp::fold(FoldAdaptor) { return getX().getDefiningOp<ReluOp>() ? OpFoldResult(getX()) : OpFoldResult(); }

// --- mf.star_relu ------------------------------------------------------------

LogicalResult StarReluOp::verify() {
  if (failed(verifySpread(*this, "scale", getScale(), channelsOf(getX())))) // star_relu_c1
    return failure();
  return verifySpread(*this, "bias", getBias(), channelsOf(getX()));
}

Value StarReluOp::createWithTail(OpBuilder &builder, Value scale, Value shift) {
  return StarReluOp::create(builder, getLoc(), getX(), scale, shift, builder.getF64FloatAttr(1.0), builder.getF64FloatAttr(0.0));
}

// --- mf.scale ----------------------------------------------------------------

LogicalResult ScaleOp::verify() { return verifySpread(*this, "gamma", getGamma(), channelsOf(getX())); } // scale_c1

/// A scale and a shift, either null, on x.
static Value createAffine(OpBuilder &builder, Location loc, Value x, Value scale, Value shift) {
  if (shift)
    return AffineOp::create(builder, loc, x, scale, shift);
  return scale ? ScaleOp::create(builder, loc, x, scale).getY() : x;
}

Value ScaleOp::createWithTail(OpBuilder &builder, Value scale, Value shift) {
  return createAffine(builder, getLoc(), getX(), scale, shift);
}

// --- mf.affine ---------------------------------------------------------------

LogicalResult AffineOp::verify() {
  if (failed(verifySpread(*this, "scale", getScale(), channelsOf(getX())))) // affine_c1
    return failure();
  return verifySpread(*this, "shift", getShift(), channelsOf(getX()));
}

OpFoldResult AffineOp::fold(FoldAdaptor) { return getScale() || getShift() ? OpFoldResult() : OpFoldResult(getX()); }

Value AffineOp::createWithTail(OpBuilder &builder, Value scale, Value shift) {
  return createAffine(builder, getLoc(), getX(), scale, shift);
}

// --- mf.add_position ---------------------------------------------------------

LogicalResult AddPositionOp::verify() {
  ArrayRef<int64_t> map = getX().getType().getShape();
  return verifyShape(*this, "position", getPosition(), {1, map[3], map[1], map[2]}); // add_position_c1
}

// --- mf.scale_position -------------------------------------------------------

LogicalResult ScalePositionOp::verify() {
  ArrayRef<int64_t> map = getX().getType().getShape();
  SmallVector<int64_t> expected = {map.back(), 1, 1};
  if (map.size() == 4)
    expected = {map[3], map[1], map[2]};
  return verifyShape(*this, "position", getPosition(), expected); // scale_position_c1
}
