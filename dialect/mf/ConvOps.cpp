//===- ConvOps.cpp - Convolutions and linear layers -----------------------===//

#include "dialect/mf/ConvolutionShape.h"
#include "dialect/mf/MfOps.h"
#include "dialect/mf/Verification.h"

using namespace mlir;
using namespace archc::mf;

/// How a kernel moves over the map.
struct Window {
  ArrayRef<int64_t> stride, padding;
};

/// The type of a convolution's result (`conv2d_c3`).
static LogicalResult inferConvolution(std::optional<Location> loc, RankedTensorType x, RankedTensorType weight,
                                      const Window &window, SmallVectorImpl<Type> &types) {
  auto [stride, padding] = window;
  SmallVector<int64_t> shape = {x.getDimSize(0)};
  for (unsigned axis : {0, 1}) {
    int64_t extent = x.getDimSize(1 + axis), kernel = weight.getDimSize(2 + axis);
    shape.push_back(outputExtent(extent, kernel, stride[axis], padding[axis]));
    if (shape.back() < 1)
      return emitOptionalError(loc, "kernel extent ", kernel, " exceeds ", extent, " positions padded by ", padding[axis]);
  }
  shape.push_back(weight.getDimSize(0));
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  return success();
}

// --- mf.conv2d ---------------------------------------------------------------

LogicalResult Conv2dOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  if (failed(checkPair(loc, "stride", op.getStride(), 1)) || failed(checkPair(loc, "padding", op.getPadding(), 0)))
    return failure();
  return inferConvolution(loc, cast<RankedTensorType>(op.getX().getType()), cast<RankedTensorType>(op.getWeight().getType()),
                          {op.getStride(), op.getPadding()}, types);
}

LogicalResult Conv2dOp::verify() {
  ArrayRef<int64_t> shape = getWeight().getType().getShape();
  int64_t channels = channelsOf(getX()), groups = getGroupsAttr().getInt();
  if (groups < 1 || channels % groups || shape[0] % groups) // conv2d_c1
    return emitOpError("has ") << groups << " groups; expected a divisor of " << channels << " input and " << shape[0]
                               << " output channels";
  if (shape[1] * groups != channels) // conv2d_c1
    return emitOpError("has a weight for ") << shape[1] * groups << " input channels; expected " << channels;
  return verifyShape(*this, "bias", getBias(), {shape[0]}); // conv2d_c4
}

bool Conv2dOp::isRowwise() {
  return getKernel(0) == 1 && getKernel(1) == 1 && getStrideAttr().asArrayRef() == ArrayRef<int64_t>{1, 1} && !padsInput() &&
         getGroups() == 1;
}
bool Conv2dOp::hasInputAxis() { return getGroups() == 1; }
bool Conv2dOp::padsInput() { return getPadding()[0] > 0 || getPadding()[1] > 0; }
Need Conv2dOp::getNeed() { return isRowwise() ? Need::Rows : Need::Stencil; }
std::pair<int64_t, int64_t> Conv2dOp::getHalo() { return {getKernel(0) / 2, getKernel(1) / 2}; }
std::pair<int64_t, int64_t> Conv2dOp::getStep() { return {getStride()[0], getStride()[1]}; }
int64_t Conv2dOp::getFlopsPerImage() { return 2 * elementsPerImage(getY()) * getReduction(); }
Layout Conv2dOp::getParameterLayout(OpOperand &use) {
  return &use == &getWeightMutable() ? Layout::ConvPanels : plainLayoutOf(use.get());
}

// --- mf.depthwise_conv2d -----------------------------------------------------

LogicalResult DepthwiseConv2dOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                                  SmallVectorImpl<Type> &types) {
  if (failed(checkPair(loc, "padding", op.getPadding(), 0)))
    return failure();
  return inferConvolution(loc, cast<RankedTensorType>(op.getX().getType()), cast<RankedTensorType>(op.getWeight().getType()),
                          {{1, 1}, op.getPadding()}, types);
}

LogicalResult DepthwiseConv2dOp::verify() {
  ArrayRef<int64_t> shape = getWeight().getType().getShape();
  int64_t channels = channelsOf(getX());
  if (failed(verifyShape(*this, "weight", getWeight(), {channels, 1, shape[2], shape[3]}))) // depthwise_conv2d_c1
    return failure();
  return verifyShape(*this, "bias", getBias(), {channels}); // depthwise_conv2d_c3
}

int64_t DepthwiseConv2dOp::getInputAxis() { return 0; }
bool DepthwiseConv2dOp::padsInput() { return getPadding()[0] > 0 || getPadding()[1] > 0; }
bool DepthwiseConv2dOp::commutesWithScale() { return !getBias(); }
Need DepthwiseConv2dOp::getNeed() { return Need::Stencil; }
std::pair<int64_t, int64_t> DepthwiseConv2dOp::getHalo() { return {getKernel(0) / 2, getKernel(1) / 2}; }
bool DepthwiseConv2dOp::appliesTail() { return true; }
int64_t DepthwiseConv2dOp::getFlopsPerImage() { return 2 * elementsPerImage(getY()) * getKernel(0) * getKernel(1); }
std::optional<int64_t> DepthwiseConv2dOp::getBlockPadding(OpOperand &use) {
  return &use == &getXMutable() ? std::optional<int64_t>(getPadding()[1]) : std::nullopt;
}
Layout DepthwiseConv2dOp::getParameterLayout(OpOperand &use) {
  return &use == &getWeightMutable() ? Layout::Taps : plainLayoutOf(use.get());
}

// --- mf.linear ---------------------------------------------------------------

LogicalResult LinearOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor op, SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(op.getX().getType());
  SmallVector<int64_t> shape(x.getShape());
  shape.back() = cast<RankedTensorType>(op.getWeight().getType()).getDimSize(0);
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  return success();
}

LogicalResult LinearOp::verify() {
  ArrayRef<int64_t> shape = getWeight().getType().getShape();
  SmallVector<int64_t> expected = {shape[0], channelsOf(getX())};
  if (shape.size() == 4)
    expected.append({1, 1});
  if (failed(verifyShape(*this, "weight", getWeight(), expected))) // linear_c1
    return failure();
  return verifyShape(*this, "bias", getBias(), {shape[0]}); // linear_c2
}

int64_t LinearOp::getFlopsPerImage() { return 2 * elementsPerImage(getY()) * getReduction(); }
Layout LinearOp::getParameterLayout(OpOperand &use) {
  return &use == &getWeightMutable() ? Layout::Panels : plainLayoutOf(use.get());
}
