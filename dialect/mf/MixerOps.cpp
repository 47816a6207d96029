//===- MixerOps.cpp - Ops that mix the positions of an image --------------===//

#include "dialect/mf/MfOps.h"
#include "dialect/mf/Verification.h"

using namespace mlir;
using namespace archc::mf;

// --- mf.pool_mix -------------------------------------------------------------

LogicalResult PoolMixOp::verify() {
  int64_t size = getSizeAttr().getInt();
  if (size < 1 || size % 2 == 0) // pool_mix_c1
    return emitOpError("has `size` ") << size << "; expected a positive odd number";
  return success();
}

bool PoolMixOp::commutesWithScale() { return true; }
bool PoolMixOp::cancelsShift() { return true; }
Need PoolMixOp::getNeed() { return Need::Stencil; }
bool PoolMixOp::appliesTail() { return true; }
std::pair<int64_t, int64_t> PoolMixOp::getHalo() {
  int64_t reach = getSizeAttr().getInt() / 2;
  return {reach, reach};
}

// --- mf.spatial_matmul -------------------------------------------------------

LogicalResult SpatialMatmulOp::verify() {
  ArrayRef<int64_t> map = getX().getType().getShape();
  int64_t positions = map[1] * map[2];
  if (failed(verifyShape(*this, "matrix", getMatrix(), {positions, positions}))) // spatial_matmul_c1
    return failure();
  return verifyShape(*this, "bias", getBias(), {positions}); // spatial_matmul_c2
}

bool SpatialMatmulOp::commutesWithScale() { return !getBias(); }
Need SpatialMatmulOp::getNeed() { return Need::Image; }
bool SpatialMatmulOp::appliesTail() { return true; }
int64_t SpatialMatmulOp::getFlopsPerImage() { return 2 * elementsPerImage(getY()) * positionsPerImage(getY()); }
Layout SpatialMatmulOp::getParameterLayout(OpOperand &use) {
  return &use == &getMatrixMutable() ? Layout::Matrix : plainLayoutOf(use.get());
}

// --- mf.attention ------------------------------------------------------------

LogicalResult AttentionOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                            SmallVectorImpl<Type> &types) {
  auto qkv = cast<RankedTensorType>(op.getQkv().getType());
  int64_t heads = op.getHeads(), headDim = op.getHeadDim();
  SmallVector<int64_t> shape(qkv.getShape());
  if (heads < 1 || headDim < 1 || shape.back() != 3 * heads * headDim) // attention_c1
    return emitOptionalError(loc, "`qkv` has ", shape.back(), " channels; expected 3 x ", heads, " heads x ", headDim,
                             " components");
  shape.back() = heads * headDim;
  types.push_back(RankedTensorType::get(shape, qkv.getElementType()));
  return success();
}

Need AttentionOp::getNeed() { return Need::Image; }
Placement AttentionOp::getPlacement() { return Placement::Rows; }
int64_t AttentionOp::getFlopsPerImage() { return 4 * elementsPerImage(getY()) * positionsPerImage(getY()); }

// --- mf.global_avg_pool ------------------------------------------------------

LogicalResult GlobalAvgPoolOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor op,
                                                SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(op.getX().getType());
  types.push_back(RankedTensorType::get({x.getDimSize(0), x.getShape().back()}, x.getElementType()));
  return success();
}

Need GlobalAvgPoolOp::getNeed() { return Need::Image; }
