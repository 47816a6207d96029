//===- ActivationVjps.cpp - Gradients of elementwise ops ------------------===//

#include "dialect/mf/Cotangents.h"
#include "dialect/mf/MfOps.h"

using namespace mlir;
using namespace archc::mf;

/// x * y * factor
static Value multiply(OpBuilder &builder, Value x, Value y, double factor = 1.0) {
  return MulOp::create(builder, x.getLoc(), x, y, builder.getF64FloatAttr(factor));
}

/// dy * gamma, or dy where gamma is absent.
static Value scaleBy(OpBuilder &builder, Value dy, Value gamma) {
  return gamma ? ScaleOp::create(builder, dy.getLoc(), dy, gamma).getY() : dy;
}

// --- Activations -------------------------------------------------------------

LogicalResult ReluOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  cotangents.add(getX(), multiply(builder, dy, StepOp::create(builder, getLoc(), getX())));
  return success();
}

LogicalResult SquaredReluOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  cotangents.add(getX(), multiply(builder, dy, ReluOp::create(builder, getLoc(), getX()), 2.0));
  return success();
}

LogicalResult GeluOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  cotangents.add(getX(), GeluGradOp::create(builder, getLoc(), getX(), dy));
  return success();
}

LogicalResult GeluTanhOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  cotangents.add(getX(), GeluTanhGradOp::create(builder, getLoc(), getX(), dy));
  return success();
}

LogicalResult SiluOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  cotangents.add(getX(), SiluGradOp::create(builder, getLoc(), getX(), dy));
  return success();
}

LogicalResult HardswishOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  cotangents.add(getX(), HardswishGradOp::create(builder, getLoc(), getX(), dy));
  return success();
}

/// A step is flat where it is differentiable.
LogicalResult StepOp::buildVjp(OpBuilder &, Value, Cotangents &) { return success(); }

LogicalResult StarReluOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  if (cotangents.wants(getX())) {
    double fixedScale = getScale() ? 1.0 : getScaleValue().convertToDouble();
    Value slope = multiply(builder, dy, ReluOp::create(builder, getLoc(), getX()), 2.0 * fixedScale);
    cotangents.add(getX(), scaleBy(builder, slope, getScale()));
  }
  if (cotangents.wants(getScale()))
    addChannelSum(builder, cotangents, getScale(), dy, SquaredReluOp::create(builder, getLoc(), getX()));
  addChannelSum(builder, cotangents, getBias(), dy);
  return success();
}

// --- Scales and sums ---------------------------------------------------------

LogicalResult ScaleOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  if (cotangents.wants(getX()))
    cotangents.add(getX(), scaleBy(builder, dy, getGamma()));
  addChannelSum(builder, cotangents, getGamma(), dy, getX());
  return success();
}

LogicalResult AffineOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  if (cotangents.wants(getX()))
    cotangents.add(getX(), scaleBy(builder, dy, getScale()));
  addChannelSum(builder, cotangents, getScale(), dy, getX());
  addChannelSum(builder, cotangents, getShift(), dy);
  return success();
}

LogicalResult AddOp::buildVjp(OpBuilder &, Value dy, Cotangents &cotangents) {
  cotangents.add(getX(), dy);
  cotangents.add(getOther(), dy);
  return success();
}

LogicalResult MulOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  double factor = getFactor().convertToDouble();
  if (cotangents.wants(getX()))
    cotangents.add(getX(), multiply(builder, dy, getOther(), factor));
  if (cotangents.wants(getOther()))
    cotangents.add(getOther(), multiply(builder, dy, getX(), factor));
  return success();
}

LogicalResult AddPositionOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  cotangents.add(getX(), dy);
  if (cotangents.wants(getPosition()))
    cotangents.add(getPosition(), BatchSumOp::create(builder, getLoc(), gradientTypeOf(getPosition()), dy));
  return success();
}

LogicalResult ScalePositionOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  if (cotangents.wants(getX()))
    cotangents.add(getX(), ScalePositionOp::create(builder, getLoc(), dy, getPosition()));
  if (cotangents.wants(getPosition()))
    cotangents.add(getPosition(),
                   BatchSumOp::create(builder, getLoc(), gradientTypeOf(getPosition()), multiply(builder, dy, getX())));
  return success();
}

// --- Training ----------------------------------------------------------------

LogicalResult DropPathOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  if (cotangents.wants(getFactors()))
    return emitOpError("has no gradient of its factors; expected them to be drawn, not computed");
  cotangents.add(getX(), DropPathOp::create(builder, getLoc(), dy, getFactors(), getSiteAttr()));
  return success();
}

Value CrossEntropyOp::buildLogitsGradient(OpBuilder &builder) {
  return CrossEntropyGradOp::create(builder, getLoc(), getLogits(), getTargets());
}

Value BceOp::buildLogitsGradient(OpBuilder &builder) { return BceGradOp::create(builder, getLoc(), getLogits(), getTargets()); }

/// dy is one number per image, and so multiplies like a drawn factor.
static LogicalResult buildLossVjp(LossOpInterface loss, OpBuilder &builder, Value dy, Cotangents &cotangents) {
  Value logits = loss->getOperand(0), targets = loss->getOperand(1);
  if (cotangents.wants(targets))
    return loss->emitOpError("has no gradient of its targets; expected them to be given, not computed");
  if (cotangents.wants(logits))
    cotangents.add(logits, DropPathOp::create(builder, loss.getLoc(), loss.buildLogitsGradient(builder), dy, uint64_t(0)));
  return success();
}

LogicalResult CrossEntropyOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  return buildLossVjp(cast<LossOpInterface>(getOperation()), builder, dy, cotangents);
}

LogicalResult BceOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  return buildLossVjp(cast<LossOpInterface>(getOperation()), builder, dy, cotangents);
}
