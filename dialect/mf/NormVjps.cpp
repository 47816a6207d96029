//===- NormVjps.cpp - Gradients of norms ----------------------------------===//
//
// The affine part comes first: with xhat the normalised map, dweight = sum dy * xhat, dbias = sum dy, and g = dy * weight is the
// gradient of xhat. xhat is computed again from x where the weight wants a gradient: keeping it would keep a second map.
//
//===----------------------------------------------------------------------===//

#include "dialect/mf/Cotangents.h"
#include "dialect/mf/MfOps.h"

using namespace mlir;
using namespace archc::mf;

namespace {

/// How one kind of norm builds its parts.
struct NormRule {
  llvm::function_ref<Value()> normalized; // without an affine part
  llvm::function_ref<Value(Value g)> inputGradient;
};

} // namespace

/// Norms whose affine part is one number per channel.
static LogicalResult buildChannelNormVjp(NormOpInterface norm, OpBuilder &builder, Value dy, Cotangents &cotangents,
                                         const NormRule &rule) {
  Value x = norm->getOperand(0), weight = norm.getWeightOrNull();
  if (cotangents.wants(x))
    cotangents.add(x, rule.inputGradient(weight ? ScaleOp::create(builder, norm.getLoc(), dy, weight).getY() : dy));
  if (cotangents.wants(weight))
    addChannelSum(builder, cotangents, weight, dy, rule.normalized());
  addChannelSum(builder, cotangents, norm.getBiasOrNull(), dy);
  return success();
}

LogicalResult LayerNormOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  auto normalized = [&]() -> Value { return LayerNormOp::create(builder, getLoc(), getX(), Value(), Value(), getEpsAttr()); };
  auto inputGradient = [&](Value g) -> Value { return LayerNormGradOp::create(builder, getLoc(), getX(), g, getEpsAttr()); };
  return buildChannelNormVjp(cast<NormOpInterface>(getOperation()), builder, dy, cotangents, {normalized, inputGradient});
}

LogicalResult RmsNormOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  auto normalized = [&]() -> Value { return RmsNormOp::create(builder, getLoc(), getX(), Value(), getEpsAttr()); };
  auto inputGradient = [&](Value g) -> Value { return RmsNormGradOp::create(builder, getLoc(), getX(), g, getEpsAttr()); };
  return buildChannelNormVjp(cast<NormOpInterface>(getOperation()), builder, dy, cotangents, {normalized, inputGradient});
}

LogicalResult GroupNormOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  auto normalized = [&]() -> Value {
    return GroupNormOp::create(builder, getLoc(), getX(), Value(), Value(), getGroupsAttr(), getEpsAttr());
  };
  auto inputGradient = [&](Value g) -> Value {
    return GroupNormGradOp::create(builder, getLoc(), getX(), g, getGroupsAttr(), getEpsAttr());
  };
  return buildChannelNormVjp(cast<NormOpInterface>(getOperation()), builder, dy, cotangents, {normalized, inputGradient});
}

/// One group over the whole image, with an affine part per channel and position.
LogicalResult LayerNormChwOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  IntegerAttr oneGroup = builder.getI64IntegerAttr(1);
  auto addBatchSum = [&](Value parameter, Value map) {
    cotangents.add(parameter, BatchSumOp::create(builder, getLoc(), gradientTypeOf(parameter), map));
  };
  if (cotangents.wants(getX())) {
    Value g = getWeight() ? ScalePositionOp::create(builder, getLoc(), dy, getWeight()).getY() : dy;
    cotangents.add(getX(), GroupNormGradOp::create(builder, getLoc(), getX(), g, oneGroup, getEpsAttr()));
  }
  if (cotangents.wants(getWeight())) {
    Value normalized = GroupNormOp::create(builder, getLoc(), getX(), Value(), Value(), oneGroup, getEpsAttr());
    addBatchSum(getWeight(), MulOp::create(builder, getLoc(), dy, normalized, builder.getF64FloatAttr(1.0)));
  }
  if (cotangents.wants(getBias()))
    addBatchSum(getBias(), dy);
  return success();
}

/// Training would need the statistics of the batch, and their running averages.
LogicalResult BatchNormOp::buildVjp(OpBuilder &, Value, Cotangents &) {
  return emitError("batch norm cannot be trained: its statistics are those stored with the weights; expected another norm, such "
                   "as `group_norm` or `layer_norm`");
}
