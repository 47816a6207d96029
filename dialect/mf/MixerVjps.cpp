//===- MixerVjps.cpp - Gradients of ops that mix positions ----------------===//

#include "dialect/mf/Cotangents.h"
#include "dialect/mf/MfOps.h"

using namespace mlir;
using namespace archc::mf;

LogicalResult PoolMixOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  cotangents.add(getX(), PoolMixGradOp::create(builder, getLoc(), dy, getSizeAttr()));
  return success();
}

/// The adjoint of the adjoint.
LogicalResult PoolMixGradOp::buildVjp(OpBuilder &builder, Value dx, Cotangents &cotangents) {
  cotangents.add(getDy(), PoolMixOp::create(builder, getLoc(), dx, getSizeAttr()));
  return success();
}

LogicalResult SpatialMatmulOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  if (cotangents.wants(getX())) {
    Value adjoint = AdjointWeightOp::create(builder, getLoc(), getMatrix(), uint64_t(1));
    cotangents.add(getX(), SpatialMatmulOp::create(builder, getLoc(), dy, adjoint, /*bias=*/Value()));
  }
  if (cotangents.wants(getMatrix()))
    cotangents.add(getMatrix(), SpatialWeightGradOp::create(builder, getLoc(), getX(), dy));
  if (cotangents.wants(getBias()))
    cotangents.add(getBias(), BatchSumOp::create(builder, getLoc(), gradientTypeOf(getBias()), dy));
  return success();
}

LogicalResult AttentionOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  cotangents.add(getQkv(),
                 AttentionGradOp::create(builder, getLoc(), getQkv(), dy, getHeadsAttr(), getHeadDimAttr(), getScaleAttr()));
  return success();
}

LogicalResult GlobalAvgPoolOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  ArrayRef<int64_t> map = getX().getType().getShape();
  cotangents.add(
      getX(), GlobalAvgPoolGradOp::create(builder, getLoc(), dy, static_cast<uint64_t>(map[1]), static_cast<uint64_t>(map[2])));
  return success();
}

/// Every position has dy / positions, so dy gets the mean of what they get.
LogicalResult GlobalAvgPoolGradOp::buildVjp(OpBuilder &builder, Value dx, Cotangents &cotangents) {
  cotangents.add(getDy(), GlobalAvgPoolOp::create(builder, getLoc(), dx));
  return success();
}
