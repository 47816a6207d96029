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

int64_t flopsPerImage(Operation &op) {
  Value result = op.getResult(0);
  if (auto contraction = dyn_cast<mf::ContractionOpInterface>(op))
    return 2 * elements(result) * contraction.getReduction();
  if (auto depthwise = dyn_cast<mf::DepthwiseConv2dOp>(op))
    return 2 * elements(result) * depthwise.getKernel(0) * depthwise.getKernel(1);
  if (isa<mf::AttentionOp>(op))
    return 4 * elements(result) * positions(result);
  if (isa<mf::SpatialMatmulOp>(op))
    return 2 * elements(result) * positions(result);
  return elements(op.getOperand(0));
}

} // namespace archc
