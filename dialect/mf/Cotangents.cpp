//===- Cotangents.cpp - Gradients of values while ops are visited backwards ===//

#include "dialect/mf/Cotangents.h"

#include "dialect/mf/MfOps.h"

using namespace mlir;

namespace archc::mf {

void Cotangents::add(Value value, Value gradient) {
  if (!wants(value))
    return;
  Value &sum = gradients[value];
  sum = sum ? AddOp::create(builder, gradient.getLoc(), sum, gradient).getY() : gradient;
}

RankedTensorType gradientTypeOf(Value parameter) {
  auto type = cast<RankedTensorType>(parameter.getType());
  return RankedTensorType::get(type.getShape(), Float32Type::get(type.getContext()));
}

void addChannelSum(OpBuilder &builder, Cotangents &cotangents, Value parameter, Value x, Value other) {
  if (cotangents.wants(parameter))
    cotangents.add(parameter, ChannelSumOp::create(builder, x.getLoc(), gradientTypeOf(parameter), x, other));
}

} // namespace archc::mf
