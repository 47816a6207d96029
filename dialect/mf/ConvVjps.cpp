//===- ConvVjps.cpp - Gradients of convolutions and linear layers ---------===//

#include "dialect/mf/Cotangents.h"
#include "dialect/mf/MfOps.h"

using namespace mlir;
using namespace archc::mf;

static Value adjointOf(OpBuilder &builder, Value weight, int64_t groups = 1) {
  return AdjointWeightOp::create(builder, weight.getLoc(), weight, static_cast<uint64_t>(groups));
}

/// The padding with which a convolution of stride 1 over dy covers the positions of x, each reached by its windows; nothing where
/// the forward convolution pads by a kernel or more.
static std::optional<SmallVector<int64_t>> adjointPadding(Value weight, ArrayRef<int64_t> padding) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(weight.getType()).getShape();
  SmallVector<int64_t> adjoint = {shape[2] - 1 - padding[0], shape[3] - 1 - padding[1]};
  return adjoint[0] < 0 || adjoint[1] < 0 ? std::nullopt : std::optional(adjoint);
}

static ArrayRef<int64_t> kernelOf(Value weight) { return cast<RankedTensorType>(weight.getType()).getShape().drop_front(2); }

// --- mf.linear ---------------------------------------------------------------

LogicalResult LinearOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  if (cotangents.wants(getX()))
    cotangents.add(getX(), LinearOp::create(builder, getLoc(), dy, adjointOf(builder, getWeight()), /*bias=*/Value()));
  if (cotangents.wants(getWeight()))
    cotangents.add(getWeight(), LinearWeightGradOp::create(builder, getLoc(), gradientTypeOf(getWeight()), getX(), dy));
  addChannelSum(builder, cotangents, getBias(), dy);
  return success();
}

/// The sum over rows of dy x^T, where `dw` is the gradient of that sum, is linear in both maps.
LogicalResult LinearWeightGradOp::buildVjp(OpBuilder &builder, Value dw, Cotangents &cotangents) {
  if (cotangents.wants(getX()))
    cotangents.add(getX(), LinearOp::create(builder, getLoc(), getDy(), adjointOf(builder, dw), /*bias=*/Value()));
  if (cotangents.wants(getDy()))
    cotangents.add(getDy(), LinearOp::create(builder, getLoc(), getX(), dw, /*bias=*/Value()));
  return success();
}

// --- mf.conv2d ---------------------------------------------------------------

namespace {

/// The attributes of a convolution and the map it reads.
struct Convolution {
  Location loc;
  Value x, weight;
  ArrayRef<int64_t> stride, padding;
  int64_t groups;
};

} // namespace

/// With stride 1 a convolution of dy; otherwise each element of dy is scattered.
static Value buildInputGradient(OpBuilder &builder, const Convolution &conv, Value dy) {
  auto groups = static_cast<uint64_t>(conv.groups);
  Value adjoint = adjointOf(builder, conv.weight, conv.groups);
  auto padding = adjointPadding(conv.weight, conv.padding);
  if (conv.stride == ArrayRef<int64_t>{1, 1} && padding)
    return Conv2dOp::create(builder, conv.loc, dy, adjoint, /*bias=*/Value(), conv.stride, *padding, groups);
  ArrayRef<int64_t> map = cast<RankedTensorType>(conv.x.getType()).getShape();
  return Conv2dTransposedOp::create(builder, conv.loc, dy, adjoint, conv.stride, conv.padding, static_cast<uint64_t>(map[1]),
                                    static_cast<uint64_t>(map[2]), groups);
}

LogicalResult Conv2dOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  Convolution conv{getLoc(), getX(), getWeight(), getStride(), getPadding(), static_cast<int64_t>(getGroups())};
  if (cotangents.wants(getX()))
    cotangents.add(getX(), buildInputGradient(builder, conv, dy));
  if (cotangents.wants(getWeight()))
    cotangents.add(getWeight(), Conv2dWeightGradOp::create(builder, getLoc(), getX(), dy, kernelOf(getWeight()), getStride(),
                                                           getPadding(), getGroups()));
  addChannelSum(builder, cotangents, getBias(), dy);
  return success();
}

/// Linear in both maps: with `dw` as a weight, dy is the convolution's result and x its input.
LogicalResult Conv2dWeightGradOp::buildVjp(OpBuilder &builder, Value dw, Cotangents &cotangents) {
  Convolution conv{getLoc(), getX(), dw, getStride(), getPadding(), static_cast<int64_t>(getGroups())};
  if (cotangents.wants(getX()))
    cotangents.add(getX(), buildInputGradient(builder, conv, getDy()));
  if (cotangents.wants(getDy()))
    cotangents.add(getDy(),
                   Conv2dOp::create(builder, getLoc(), getX(), dw, /*bias=*/Value(), getStride(), getPadding(), getGroups()));
  return success();
}

// --- mf.depthwise_conv2d -----------------------------------------------------

static LogicalResult addDepthwiseInputGradient(OpBuilder &builder, const Convolution &conv, Value dy, Cotangents &cotangents) {
  if (!cotangents.wants(conv.x))
    return success();
  auto padding = adjointPadding(conv.weight, conv.padding);
  if (!padding)
    return emitError(conv.loc, "a depthwise convolution of kernel [")
           << kernelOf(conv.weight) << "] with padding [" << conv.padding
           << "] cannot be trained; expected a padding below the kernel";
  Value adjoint = adjointOf(builder, conv.weight, conv.groups);
  cotangents.add(conv.x, DepthwiseConv2dOp::create(builder, conv.loc, dy, adjoint, /*bias=*/Value(), *padding));
  return success();
}

LogicalResult DepthwiseConv2dOp::buildVjp(OpBuilder &builder, Value dy, Cotangents &cotangents) {
  if (failed(addDepthwiseInputGradient(builder, {getLoc(), getX(), getWeight(), {}, getPadding(), channelsOf(getX())}, dy,
                                       cotangents)))
    return failure();
  if (cotangents.wants(getWeight()))
    cotangents.add(getWeight(),
                   DepthwiseWeightGradOp::create(builder, getLoc(), getX(), dy, kernelOf(getWeight()), getPadding()));
  addChannelSum(builder, cotangents, getBias(), dy);
  return success();
}

LogicalResult DepthwiseWeightGradOp::buildVjp(OpBuilder &builder, Value dw, Cotangents &cotangents) {
  if (failed(
          addDepthwiseInputGradient(builder, {getLoc(), getX(), dw, {}, getPadding(), channelsOf(getX())}, getDy(), cotangents)))
    return failure();
  if (cotangents.wants(getDy()))
    cotangents.add(getDy(), DepthwiseConv2dOp::create(builder, getLoc(), getX(), dw, /*bias=*/Value(), getPadding()));
  return success();
}
