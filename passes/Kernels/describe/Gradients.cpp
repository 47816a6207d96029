//===- Gradients.cpp - Ops of training in rows kernels --------------------===//

#include "passes/Kernels/describe/RowsDescriber.h"

#include "dialect/mf/MfOps.h"

using namespace mlir;

namespace archc::kernels {
namespace {

ArrayRef<int64_t> shapeOf(Value value) { return cast<RankedTensorType>(value.getType()).getShape(); }

// ---- Steps -------------------------------------------------------------------------------------------------------------

LogicalResult describeMul(Operation &op, RowsDescriber &rows) {
  auto mul = cast<mf::MulOp>(op);
  const bool isPlain = mul.getFactor().isExactlyValue(1.0);
  Source product =
      rows.addStep("mf.mul", {rows.mapSource(mul.getX()), rows.mapSource(mul.getOther())}, isPlain ? mul.getY() : Value());
  if (!isPlain)
    rows.addStep("mf.scale", {product, Source::constant(mul.getFactor().convertToDouble())}, mul.getY());
  return success();
}

LogicalResult describeDropPath(Operation &op, RowsDescriber &rows) {
  auto drop = cast<mf::DropPathOp>(op);
  Source factor = Source::imageScalar(rows.operandOf(drop.getFactors()), mf::channelsOf(drop.getFactors()),
                                      static_cast<int64_t>(drop.getSite()));
  rows.addStep("mf.scale", {rows.mapSource(drop.getX()), factor}, drop.getY());
  return success();
}

// ---- Segments ----------------------------------------------------------------------------------------------------------

template <typename Op> LogicalResult describeRowNormGrad(Operation &op, RowsDescriber &rows) {
  auto norm = cast<Op>(op);
  Place x = rows.wholeRowsOf(norm.getX()), g = rows.wholeRowsOf(norm.getG());
  NormalizeGradRows segment{x, g, mf::channelsOf(norm.getX()), norm.getEps().convertToDouble(),
                            std::is_same_v<Op, mf::RmsNormGradOp>};
  rows.startSegment(segment, norm.getY());
  return success();
}

/// Sums over an image need all of its rows in memory.
LogicalResult checkRowsOperand(Operation &op, ArrayRef<Place> places) {
  for (const Place &place : places)
    if (place.kind != Place::Rows)
      return op.emitError("no kernel for `") << op.getName() << "` of a map that is no buffer of rows";
  return success();
}

LogicalResult describeGroupNormGrad(Operation &op, RowsDescriber &rows) {
  auto norm = cast<mf::GroupNormGradOp>(op);
  const bool isOneRow = shapeOf(norm.getX()).size() == 2;
  Place x = isOneRow ? rows.wholeRowsOf(norm.getX()) : rows.rowsOf(norm.getX());
  Place g = isOneRow ? rows.wholeRowsOf(norm.getG()) : rows.rowsOf(norm.getG());
  if (!isOneRow && failed(checkRowsOperand(op, {x, g})))
    return failure();
  ImageNormGrad segment{x, g, mf::channelsOf(norm.getX()), static_cast<int64_t>(norm.getGroups()),
                        norm.getEps().convertToDouble()};
  rows.startSegment(segment, norm.getY());
  return success();
}

LogicalResult describePoolMixGrad(Operation &op, RowsDescriber &rows) {
  auto pool = cast<mf::PoolMixGradOp>(op);
  PoolMix segment{rows.wholeRowsOf(pool.getDy()), mf::channelsOf(pool.getDy()), static_cast<int64_t>(pool.getSize()),
                  /*adjoint=*/true};
  rows.startSegment(segment, pool.getY());
  return success();
}

LogicalResult describeGlobalAvgPoolGrad(Operation &op, RowsDescriber &rows) {
  auto pool = cast<mf::GlobalAvgPoolGradOp>(op);
  Place dy = rows.rowsOf(pool.getDy());
  if (failed(checkRowsOperand(op, {dy})))
    return failure();
  rows.startSegment(SpreadImages{dy, mf::channelsOf(pool.getDy())}, Value());
  const double positions = static_cast<double>(pool.getHeight() * pool.getWidth());
  rows.addStep("mf.scale", {rows.current(), Source::constant(1 / positions)}, pool.getY());
  return success();
}

LogicalResult describeConv2dTransposed(Operation &op, RowsDescriber &rows) {
  auto conv = cast<mf::Conv2dTransposedOp>(op);
  if (conv.getGroups() != 1)
    return op.emitError("no kernel for a convolution of several groups; expected `groups` = 1");
  Place dy = rows.rowsOf(conv.getX());
  if (failed(checkRowsOperand(op, {dy})))
    return failure();
  TransposedWindows segment;
  segment.input = dy;
  segment.inputHeight = shapeOf(conv.getX())[1];
  segment.inputWidth = shapeOf(conv.getX())[2];
  segment.inputChannels = mf::channelsOf(conv.getX());
  segment.kernelHeight = conv.getKernel(0);
  segment.kernelWidth = conv.getKernel(1);
  segment.strideHeight = conv.getStride()[0];
  segment.strideWidth = conv.getStride()[1];
  segment.paddingHeight = conv.getPadding()[0];
  segment.paddingWidth = conv.getPadding()[1];
  segment.channels = mf::channelsOf(conv.getY());
  segment.weights = rows.operandOf(conv.getWeight());
  Place output = rows.newRows(segment.channels);
  segment.output = output.index;
  rows.startSegment(segment, Value());
  rows.startSegment(LoadRows{output, segment.channels}, conv.getY());
  return success();
}

template <typename Op> LogicalResult describeLoss(Operation &op, RowsDescriber &rows) {
  auto loss = cast<Op>(op);
  constexpr bool isBinary = std::is_same_v<Op, mf::BceOp> || std::is_same_v<Op, mf::BceGradOp>;
  constexpr bool isGradient = std::is_same_v<Op, mf::CrossEntropyGradOp> || std::is_same_v<Op, mf::BceGradOp>;
  Place logits = rows.rowsOf(loss.getLogits()), targets = rows.rowsOf(loss.getTargets());
  rows.startSegment(LossRows{isBinary ? LossRows::Binary : LossRows::CrossEntropy, logits, targets,
                             mf::channelsOf(loss.getLogits()), isGradient},
                    op.getResult(0));
  return success();
}

LogicalResult describeLineSums(Operation &op, RowsDescriber &rows) {
  auto sums = cast<mf::LineSumsOp>(op);
  LineSums segment{rows.wholeRowsOf(sums.getX()), std::nullopt, mf::channelsOf(sums.getX()), rows.outputOf(sums.getSums())};
  if (sums.getOther())
    segment.other = rows.wholeRowsOf(sums.getOther());
  rows.startSegment(segment, Value());
  return success();
}

OpRule segment(LogicalResult (*describe)(Operation &, RowsDescriber &)) { return {OpRule::Segment, describe}; }

const bool registered =
    registerOpRule("mf.mul", {OpRule::Chain, describeMul}) && registerOpRule("mf.drop_path", {OpRule::Chain, describeDropPath}) &&
    registerOpRule("mf.layer_norm_grad", segment(describeRowNormGrad<mf::LayerNormGradOp>)) &&
    registerOpRule("mf.rms_norm_grad", segment(describeRowNormGrad<mf::RmsNormGradOp>)) &&
    registerOpRule("mf.group_norm_grad", segment(describeGroupNormGrad)) &&
    registerOpRule("mf.pool_mix_grad", segment(describePoolMixGrad)) &&
    registerOpRule("mf.global_avg_pool_grad", segment(describeGlobalAvgPoolGrad)) &&
    registerOpRule("mf.conv2d_transposed", segment(describeConv2dTransposed)) &&
    registerOpRule("mf.cross_entropy", segment(describeLoss<mf::CrossEntropyOp>)) &&
    registerOpRule("mf.cross_entropy_grad", segment(describeLoss<mf::CrossEntropyGradOp>)) &&
    registerOpRule("mf.line_sums", segment(describeLineSums)) && registerOpRule("mf.bce", segment(describeLoss<mf::BceOp>)) &&
    registerOpRule("mf.bce_grad", segment(describeLoss<mf::BceGradOp>));

} // namespace
} // namespace archc::kernels
