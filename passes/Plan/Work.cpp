#include "passes/Plan/Work.h"

#include "dialect/mf/MfOps.h"

using namespace mlir;

namespace archc {

/// Elements of one image of a map; positions without its channels.
static int64_t elements(Value map) {
  int64_t product = 1;
  for (int64_t size : cast<RankedTensorType>(map.getType()).getShape().drop_front())
    product *= size;
  return product;
}
static int64_t positions(Value map) { return elements(map) / mf::channelsOf(map); }

/// Of a gradient that is summed over the rows of dy; 0 for other ops.
static int64_t weightGradFlops(Operation &op) {
  if (auto linear = dyn_cast<mf::LinearWeightGradOp>(op))
    return 2 * elements(linear.getDy()) * mf::channelsOf(linear.getX());
  if (auto conv = dyn_cast<mf::Conv2dWeightGradOp>(op))
    return 2 * elements(conv.getDy()) * mf::channelsOf(conv.getX()) / conv.getGroups() * conv.getKernel()[0] *
           conv.getKernel()[1];
  if (auto depthwise = dyn_cast<mf::DepthwiseWeightGradOp>(op))
    return 2 * elements(depthwise.getDy()) * depthwise.getKernel()[0] * depthwise.getKernel()[1];
  if (auto spatial = dyn_cast<mf::SpatialWeightGradOp>(op))
    return 2 * elements(spatial.getDy()) * positions(spatial.getX());
  return 0;
}

int64_t flopsPerImage(Operation &op) {
  if (!cast<RankedTensorType>(op.getOperand(0).getType()).isDynamicDim(0))
    return 0;
  if (int64_t flops = weightGradFlops(op))
    return flops;
  Value result = op.getResult(0);
  if (auto contraction = dyn_cast<mf::ContractionOpInterface>(op))
    return 2 * elements(result) * contraction.getReduction();
  if (auto depthwise = dyn_cast<mf::DepthwiseConv2dOp>(op))
    return 2 * elements(result) * depthwise.getKernel(0) * depthwise.getKernel(1);
  if (isa<mf::AttentionOp>(op))
    return 4 * elements(result) * positions(result);
  if (auto attention = dyn_cast<mf::AttentionGradOp>(op)) // scores again, then four products
    return 10 * elements(attention.getDout()) * positions(attention.getDout());
  if (auto transposed = dyn_cast<mf::Conv2dTransposedOp>(op))
    return 2 * elements(transposed.getX()) * transposed.getWeight().getType().getDimSize(0) / transposed.getGroups() *
           transposed.getKernel(0) * transposed.getKernel(1);
  if (isa<mf::SpatialMatmulOp>(op))
    return 2 * elements(result) * positions(result);
  return elements(op.getOperand(0));
}

} // namespace archc
