//===- GradientOps.cpp - What gradients need beyond the forward ops -------===//

#include "dialect/mf/ConvolutionShape.h"
#include "dialect/mf/MfOps.h"
#include "dialect/mf/Verification.h"

using namespace mlir;
using namespace archc::mf;

static ArrayRef<int64_t> shapeOf(Value value) { return cast<RankedTensorType>(value.getType()).getShape(); }

static LogicalResult verifyEpsilon(Operation *op, double epsilon) { // norm_c2
  return epsilon >= 0 ? success() : op->emitOpError("has negative `eps`");
}

namespace {

/// A convolution from a map of `extents` rows and columns.
struct Convolution {
  ArrayRef<int64_t> kernel, stride, padding, extents;
};

} // namespace

/// The convolution's result has the positions of `dy`.
static LogicalResult verifyPositions(Operation *op, const Convolution &conv, Value dy) {
  for (unsigned axis : {0, 1}) {
    int64_t expected = outputExtent(conv.extents[axis], conv.kernel[axis], conv.stride[axis], conv.padding[axis]);
    if (int64_t found = shapeOf(dy)[1 + axis]; found != expected)
      return op->emitOpError("has a gradient of ") << found << (axis ? " columns" : " rows") << "; expected " << expected
                                                   << " of a convolution from " << conv.extents[axis];
  }
  return success();
}

static LogicalResult verifyGroups(Operation *op, int64_t groups, int64_t inputs, int64_t outputs) {
  if (groups >= 1 && inputs % groups == 0 && outputs % groups == 0)
    return success();
  return op->emitOpError("has ") << groups << " groups; expected a divisor of " << inputs << " input and " << outputs
                                 << " output channels";
}

// --- mf.conv2d_transposed ----------------------------------------------------

LogicalResult Conv2dTransposedOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                                   SmallVectorImpl<Type> &types) {
  if (failed(checkPair(loc, "stride", op.getStride(), 1)) || failed(checkPair(loc, "padding", op.getPadding(), 0)))
    return failure(); // conv2d_transposed_c2
  auto x = cast<RankedTensorType>(op.getX().getType());
  SmallVector<int64_t> shape = {x.getDimSize(0), static_cast<int64_t>(op.getHeight()), static_cast<int64_t>(op.getWidth()),
                                shapeOf(op.getWeight())[0]};
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  return success();
}

LogicalResult Conv2dTransposedOp::verify() {
  ArrayRef<int64_t> weight = shapeOf(getWeight());
  int64_t groups = getGroupsAttr().getInt(), outputs = channelsOf(getX());
  if (failed(verifyGroups(*this, groups, weight[0], outputs))) // conv2d_transposed_c1
    return failure();
  if (weight[1] * groups != outputs) // conv2d_transposed_c1
    return emitOpError("has a weight for ") << weight[1] * groups << " channels; expected " << outputs;
  int64_t extents[] = {getHeightAttr().getInt(), getWidthAttr().getInt()};
  return verifyPositions(*this, {weight.drop_front(2), getStride(), getPadding(), extents}, getX()); // conv2d_transposed_c3
}

Layout Conv2dTransposedOp::getParameterLayout(OpOperand &use) {
  return &use == &getWeightMutable() ? Layout::TapPanels : plainLayoutOf(use.get());
}

int64_t Conv2dTransposedOp::getFlopsPerImage() {
  return 2 * elementsPerImage(getX()) * shapeOf(getWeight())[0] / getGroups() * getKernel(0) * getKernel(1);
}

// --- Weight gradients --------------------------------------------------------

LogicalResult LinearWeightGradOp::verify() {
  if (shapeOf(getX()).drop_back() != shapeOf(getDy()).drop_back()) // linear_weight_grad_c1
    return emitOpError("has a map of shape [")
           << shapeOf(getX()) << "] and a gradient of shape [" << shapeOf(getDy()) << "]; expected the same positions";
  SmallVector<int64_t> expected = {channelsOf(getDy()), channelsOf(getX())};
  if (getGradient().getType().getRank() == 4)
    expected.append({1, 1});
  return verifyShape(*this, "gradient", getGradient(), expected); // linear_weight_grad_c2
}

int64_t LinearWeightGradOp::getFlopsPerImage() { return 2 * elementsPerImage(getDy()) * channelsOf(getX()); }

LogicalResult Conv2dWeightGradOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                                   SmallVectorImpl<Type> &types) {
  if (failed(checkPair(loc, "kernel", op.getKernel(), 1)) || failed(checkPair(loc, "stride", op.getStride(), 1)) ||
      failed(checkPair(loc, "padding", op.getPadding(), 0))) // conv2d_weight_grad_c1
    return failure();
  auto x = cast<RankedTensorType>(op.getX().getType());
  IntegerAttr attribute = op.getGroupsAttr(); // a default is not there yet while an op is parsed
  int64_t groups = attribute ? std::max<int64_t>(attribute.getInt(), 1) : 1;
  types.push_back(RankedTensorType::get(
      {channelsOf(op.getDy()), channelsOf(op.getX()) / groups, op.getKernel()[0], op.getKernel()[1]}, x.getElementType()));
  return success();
}

LogicalResult Conv2dWeightGradOp::verify() {
  if (failed(verifyGroups(*this, getGroupsAttr().getInt(), channelsOf(getX()), channelsOf(getDy())))) // conv2d_weight_grad_c3
    return failure();
  Convolution conv = {getKernel(), getStride(), getPadding(), shapeOf(getX()).slice(1, 2)};
  return verifyPositions(*this, conv, getDy()); // conv2d_weight_grad_c2
}

int64_t Conv2dWeightGradOp::getFlopsPerImage() {
  return 2 * elementsPerImage(getDy()) * channelsOf(getX()) / getGroups() * getKernel()[0] * getKernel()[1];
}

LogicalResult DepthwiseWeightGradOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                                      SmallVectorImpl<Type> &types) {
  if (failed(checkPair(loc, "kernel", op.getKernel(), 1)) || failed(checkPair(loc, "padding", op.getPadding(), 0)))
    return failure(); // depthwise_weight_grad_c1
  auto x = cast<RankedTensorType>(op.getX().getType());
  types.push_back(RankedTensorType::get({channelsOf(op.getX()), 1, op.getKernel()[0], op.getKernel()[1]}, x.getElementType()));
  return success();
}

LogicalResult DepthwiseWeightGradOp::verify() {
  if (channelsOf(getX()) != channelsOf(getDy())) // depthwise_weight_grad_c2
    return emitOpError("has a gradient of ") << channelsOf(getDy()) << " channels; expected " << channelsOf(getX());
  int64_t stride[] = {1, 1};
  Convolution conv = {getKernel(), stride, getPadding(), shapeOf(getX()).slice(1, 2)};
  return verifyPositions(*this, conv, getDy()); // depthwise_weight_grad_c2
}

/// Both maps, so that a line of one meets the same line of the other.
std::optional<int64_t> DepthwiseWeightGradOp::getBlockPadding(OpOperand &) { return getPadding()[1]; }
int64_t DepthwiseWeightGradOp::getFlopsPerImage() { return 2 * elementsPerImage(getDy()) * getKernel()[0] * getKernel()[1]; }

LogicalResult SpatialWeightGradOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor op,
                                                    SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(op.getX().getType());
  int64_t positions = x.getDimSize(1) * x.getDimSize(2);
  types.push_back(RankedTensorType::get({positions, positions}, x.getElementType()));
  return success();
}

int64_t SpatialWeightGradOp::getFlopsPerImage() { return 2 * elementsPerImage(getDy()) * positionsPerImage(getX()); }

// --- Sums --------------------------------------------------------------------

LogicalResult ChannelSumOp::verify() {
  if (getOther() && getOther().getType() != getX().getType()) // channel_sum_c1
    return emitOpError("has `other` of type ") << getOther().getType() << "; expected " << getX().getType();
  int64_t numbers = getSum().getType().getNumElements() == 1 ? 1 : channelsOf(getX());
  return verifyShape(*this, "sum", getSum(), {numbers}); // channel_sum_c2
}

LogicalResult LineSumsOp::verify() {
  if (getOther() && getOther().getType() != getX().getType()) // line_sums_c1
    return emitOpError("has `other` of type ") << getOther().getType() << "; expected " << getX().getType();
  ArrayRef<int64_t> map = shapeOf(getX());
  return verifyShape(*this, "sums", getSums(), {map[0], map[1], 1, map[3]}); // line_sums_c2
}

LogicalResult BatchSumOp::verify() {
  ArrayRef<int64_t> map = shapeOf(getX());
  int64_t height = map.size() == 4 ? map[1] : 1, width = map.size() == 4 ? map[2] : 1;
  SmallVector<int64_t> expected = {map.back(), height, width};
  if (getSum().getType().getRank() == 4)
    expected.insert(expected.begin(), 1);
  if (getSum().getType().getRank() == 1)
    expected = {height * width};
  return verifyShape(*this, "sum", getSum(), expected); // batch_sum_c1
}

// --- Norms -------------------------------------------------------------------

LogicalResult LayerNormGradOp::verify() { return verifyEpsilon(*this, getEps().convertToDouble()); }
LogicalResult RmsNormGradOp::verify() { return verifyEpsilon(*this, getEps().convertToDouble()); }

LogicalResult GroupNormGradOp::verify() {
  int64_t groups = getGroupsAttr().getInt(), channels = channelsOf(getX());
  if (groups < 1 || channels % groups) // group_norm_c1
    return emitOpError("has ") << groups << " groups; expected a divisor of " << channels << " channels";
  return verifyEpsilon(*this, getEps().convertToDouble());
}

// --- Mixers ------------------------------------------------------------------

LogicalResult PoolMixGradOp::verify() {
  int64_t size = getSizeAttr().getInt();
  if (size < 1 || size % 2 == 0) // pool_mix_c1
    return emitOpError("has `size` ") << size << "; expected a positive odd number";
  return success();
}

LogicalResult GlobalAvgPoolGradOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                                    SmallVectorImpl<Type> &types) {
  auto dy = cast<RankedTensorType>(op.getDy().getType());
  auto height = static_cast<int64_t>(op.getHeight()), width = static_cast<int64_t>(op.getWidth());
  if (height < 1 || width < 1) // global_avg_pool_grad_c1
    return emitOptionalError(loc, "a map of ", height, " x ", width, " positions; expected positive extents");
  types.push_back(RankedTensorType::get({dy.getDimSize(0), height, width, dy.getDimSize(1)}, dy.getElementType()));
  return success();
}

LogicalResult AttentionGradOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor op,
                                                SmallVectorImpl<Type> &types) {
  types.push_back(op.getQkv().getType());
  return success();
}

LogicalResult AttentionGradOp::verify() {
  int64_t heads = getHeadsAttr().getInt(), headDim = getHeadDimAttr().getInt();
  SmallVector<int64_t> shape(shapeOf(getQkv()));
  if (heads < 1 || headDim < 1 || shape.back() != 3 * heads * headDim) // attention_c1
    return emitOpError("has `qkv` of ") << shape.back() << " channels; expected 3 x " << heads << " heads x " << headDim
                                        << " components";
  shape.back() = heads * headDim;
  return verifyShape(*this, "dout", getDout(), shape); // attention_grad_c1
}

Placement AttentionGradOp::getPlacement() { return Placement::Rows; }
/// The scores again, then four products.
int64_t AttentionGradOp::getFlopsPerImage() { return 10 * elementsPerImage(getDout()) * positionsPerImage(getDout()); }
