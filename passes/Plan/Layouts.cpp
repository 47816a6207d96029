#include "passes/Plan/Layouts.h"

#include "dialect/mf/Markers.h"
#include "passes/LowerCpu/BuildKernel.h"

using namespace mlir;

namespace archc {

/// The padding of the depthwise convolutions behind `use`, if they are all that reads it in the fused op.
static std::optional<int64_t> depthwisePadding(OpOperand &use) {
  auto fused = dyn_cast<mf::FusedOp>(use.getOwner());
  if (!fused)
    return std::nullopt;
  std::optional<int64_t> padding;
  for (OpOperand &inner : fused.getBody().getArgument(use.getOperandNumber()).getUses()) {
    auto conv = dyn_cast<mf::DepthwiseConv2dOp>(inner.getOwner());
    if (!conv || inner.getOperandNumber() != 0 || (padding && *padding != conv.getPadding()[1]))
      return std::nullopt;
    padding = conv.getPadding()[1];
  }
  return padding;
}

plan::LayoutAttr layoutOfMap(Value map) {
  MLIRContext *context = map.getContext();
  auto make = [&](plan::LayoutKind kind, int64_t padding = 0) { return plan::LayoutAttr::get(context, kind, padding); };
  auto producer = map.getDefiningOp<mf::FusedOp>();
  bool isReturned = llvm::any_of(map.getUsers(), [](Operation *user) { return isa<func::ReturnOp>(user); });
  if (!producer || isReturned)
    return make(plan::LayoutKind::Dense);
  Value yielded = producer.getBody().front().getTerminator()->getOperand(cast<OpResult>(map).getResultNumber());
  if (yielded.getDefiningOp<mf::ImageStatsOp>())
    return make(plan::LayoutKind::Lines);
  if (yielded.getDefiningOp()->hasAttr(mf::kObservedAttrName))
    return make(plan::LayoutKind::Rows);
  std::optional<int64_t> padding;
  for (OpOperand &use : map.getUses()) {
    std::optional<int64_t> wanted = depthwisePadding(use);
    if (!wanted || (padding && *padding != *wanted))
      return make(plan::LayoutKind::Rows);
    padding = wanted;
  }
  if (!padding || isa<mf::AttentionOp, mf::AttentionGradOp>(producer.getBody().front().front()))
    return make(plan::LayoutKind::Rows);
  return make(plan::LayoutKind::PaddedImage, *padding);
}

/// What `op` wants of a parameter operand.
static mf::Layout layoutWantedBy(OpOperand &use) {
  Operation *op = use.getOwner();
  int64_t rank = cast<RankedTensorType>(use.get().getType()).getRank();
  if (isa<mf::SpatialMatmulOp>(op) && use.getOperandNumber() == 1)
    return mf::Layout::Matrix;
  if (isa<mf::Conv2dTransposedOp>(op) && use.getOperandNumber() == 1)
    return mf::Layout::TapPanels;
  auto weighted = dyn_cast<mf::WeightedOpInterface>(op);
  if (weighted && &weighted.getWeightOperand() == &use) {
    if (isa<mf::DepthwiseConv2dOp>(op))
      return mf::Layout::Taps;
    return isa<mf::Conv2dOp>(op) ? mf::Layout::ConvPanels : mf::Layout::Panels;
  }
  return rank == 1 ? mf::Layout::Vector : mf::Layout::Position;
}

mf::Layout layoutOfParameter(OpOperand &use) {
  auto fused = cast<mf::FusedOp>(use.getOwner());
  return layoutWantedBy(*fused.getBody().getArgument(use.getOperandNumber()).use_begin());
}

int64_t rowStride(RankedTensorType type, plan::LayoutAttr layout, const cpu::CpuTarget &target) {
  if (layout.getKind() == plan::LayoutKind::Rows)
    return target.padToPanel(type.getShape().back());
  return layout.getKind() == plan::LayoutKind::Dense ? type.getShape().back() : 0;
}

int64_t mapBytes(RankedTensorType type, plan::LayoutAttr layout, const cpu::CpuTarget &target) {
  ArrayRef<int64_t> shape = type.getShape();
  int64_t channels = shape.back(), elementBytes = type.getElementTypeBitWidth() / 8;
  if (layout.getKind() == plan::LayoutKind::PaddedImage)
    return cpu::paddedImageBytes(target, channels, shape[1], shape[2], layout.getPadding());
  int64_t positions = 1;
  for (int64_t size : shape.drop_front().drop_back())
    positions *= size;
  int64_t stride = layout.getKind() == plan::LayoutKind::Rows ? target.padToPanel(channels) : channels;
  return positions * stride * elementBytes;
}

int64_t packedBytes(RankedTensorType type, mf::Layout layout, const cpu::CpuTarget &target) {
  ArrayRef<int64_t> shape = type.getShape();
  switch (layout) {
  case mf::Layout::Vector:
    return target.padToPanel(shape[0]) * 4;
  case mf::Layout::Position:
    return target.padToPanel(shape[shape.size() - 3]) * shape[shape.size() - 2] * shape.back() * 4;
  case mf::Layout::Taps:
    return cpu::tapBytes(target, shape[0], shape[2] * shape[3]);
  case mf::Layout::Matrix:
    return cpu::blockedMatrixBytes(target, shape[0]);
  case mf::Layout::TapPanels:
    return cpu::tapPanelBytes(target, shape[0], shape[1], shape[2] * shape[3]);
  case mf::Layout::Panels:
  case mf::Layout::ConvPanels:
    break;
  }
  return cpu::panelBytes(target, shape[0], type.getNumElements() / shape[0]);
}

void packResults(func::FuncOp prepare, func::FuncOp forward) {
  auto returned = cast<func::ReturnOp>(prepare.getBody().front().getTerminator());
  OpBuilder builder(returned);
  SmallVector<Type> types;
  for (OpOperand &result : returned->getOpOperands()) {
    BlockArgument argument = forward.getArgument(1 + result.getOperandNumber());
    mf::Layout layout = layoutOfParameter(*argument.use_begin());
    Value packed = mf::PackOp::create(builder, argument.getLoc(), result.get(), layout);
    result.set(packed);
    types.push_back(packed.getType());
    argument.setType(packed.getType());
    for (OpOperand &use : argument.getUses())
      cast<mf::FusedOp>(use.getOwner()).getBody().getArgument(use.getOperandNumber()).setType(packed.getType());
  }
  prepare.setFunctionType(builder.getFunctionType({}, types));
  forward.setFunctionType(builder.getFunctionType(forward.getBody().front().getArgumentTypes(), forward.getResultTypes()));
}

} // namespace archc
