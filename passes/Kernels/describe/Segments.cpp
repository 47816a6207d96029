//===- Segments.cpp - Ops that start a segment of a rows kernel -----------===//

#include "passes/Kernels/describe/RowsDescriber.h"

#include "dialect/mf/MfOps.h"

using namespace mlir;

namespace archc::kernels {
namespace {

ArrayRef<int64_t> shapeOf(Value value) { return cast<RankedTensorType>(value.getType()).getShape(); }

/// Starts `body` and adds `bias` behind it; the outcome is `result`.
void startWithBias(RowsDescriber &rows, SegmentBody body, Value bias, Value result) {
  rows.startSegment(std::move(body), bias ? Value() : result);
  if (bias)
    rows.addStep("mf.add", {rows.current(), rows.parameterSource(bias)}, result);
}

/// A linear layer, or a convolution that reads its own position only: the one kind that may follow other ops of a kernel.
LogicalResult describeRowwise(Operation &op, RowsDescriber &rows) {
  auto product = cast<mf::ContractionOpInterface>(op);
  Value x = product.getInput();
  Contract contract{rows.blockedOf(x), product.getReduction(), product.getFeatures(),
                    rows.operandOf(product.getWeightOperand().get())};
  startWithBias(rows, contract, product.getBiasOrNull(), op.getResult(0));
  return success();
}

LogicalResult describeConv2d(Operation &op, RowsDescriber &rows) {
  auto conv = cast<mf::Conv2dOp>(op);
  if (conv.getGroups() != 1)
    return op.emitError("no kernel for a convolution of several groups; expected `groups` = 1");
  if (conv.isRowwise())
    return describeRowwise(op, rows);
  GatherWindows windows;
  windows.input = rows.rowsOf(conv.getX());
  windows.inputHeight = shapeOf(conv.getX())[1];
  windows.inputWidth = shapeOf(conv.getX())[2];
  windows.inputChannels = mf::channelsOf(conv.getX());
  windows.kernelHeight = conv.getKernel(0);
  windows.kernelWidth = conv.getKernel(1);
  windows.strideHeight = conv.getStride()[0];
  windows.strideWidth = conv.getStride()[1];
  windows.paddingHeight = conv.getPadding()[0];
  windows.paddingWidth = conv.getPadding()[1];
  rows.startSegment(windows, Value());
  Place gathered = rows.newBlocked(windows.channels());
  rows.sinkCurrent(gathered);
  Contract contract{gathered, windows.channels(), mf::channelsOf(conv.getY()), rows.operandOf(conv.getWeight())};
  startWithBias(rows, contract, conv.getBias(), conv.getY());
  return success();
}

LogicalResult describeDepthwise(Operation &op, RowsDescriber &rows) {
  auto conv = cast<mf::DepthwiseConv2dOp>(op);
  for (unsigned axis : {0, 1})
    if (conv.getKernel(axis) != 2 * conv.getPadding()[axis] + 1)
      return op.emitError("no kernel for a depthwise convolution that changes the map's size; expected a kernel of ")
             << 2 * conv.getPadding()[axis] + 1 << ", twice the padding and one, instead of " << conv.getKernel(axis);
  DepthwiseWindows windows{rows.rowsOf(conv.getX()), mf::channelsOf(conv.getX()), conv.getKernel(0), conv.getKernel(1),
                           rows.operandOf(conv.getWeight())};
  startWithBias(rows, windows, conv.getBias(), conv.getY());
  return success();
}

LogicalResult describePoolMix(Operation &op, RowsDescriber &rows) {
  auto pool = cast<mf::PoolMixOp>(op);
  rows.startSegment(PoolMix{rows.rowsOf(pool.getX()), mf::channelsOf(pool.getX()), static_cast<int64_t>(pool.getSize())},
                    pool.getY());
  return success();
}

LogicalResult describeGlobalAvgPool(Operation &op, RowsDescriber &rows) {
  auto pool = cast<mf::GlobalAvgPoolOp>(op);
  int64_t positions = shapeOf(pool.getX())[1] * shapeOf(pool.getX())[2];
  rows.startSegment(AveragePool{rows.rowsOf(pool.getX()), positions, mf::channelsOf(pool.getX())}, pool.getY());
  return success();
}

LogicalResult describeSpatialMatmul(Operation &op, RowsDescriber &rows) {
  auto matmul = cast<mf::SpatialMatmulOp>(op);
  SpatialMatmul segment{rows.operandOf(matmul.getMatrix()), rows.rowsOf(matmul.getX()), mf::channelsOf(matmul.getX())};
  Value bias = matmul.getBias();
  rows.startSegment(segment, bias ? Value() : matmul.getY());
  if (bias)
    rows.addStep("mf.add", {rows.current(), Source::rowScalar(rows.operandOf(bias))}, matmul.getY());
  return success();
}

/// layer_norm and rms_norm: statistics per row in the segment, the affine part as steps.
LogicalResult describeRowNorm(Operation &op, RowsDescriber &rows) {
  auto norm = cast<mf::NormOpInterface>(op);
  Value map = op.getOperand(0), weight = norm.getWeightOrNull(), bias = norm.getBiasOrNull();
  NormalizeRows segment{rows.wholeRowsOf(map), mf::channelsOf(map), norm.getEpsilon(), !norm.subtractsMean(),
                        /*exactMean=*/mf::positionsPerImage(map) == 1}; // costs nothing once per image
  rows.startSegment(segment, weight || bias ? Value() : op.getResult(0));
  if (weight && bias)
    rows.addStep("mf.fma", {rows.current(), rows.parameterSource(weight), rows.parameterSource(bias)}, op.getResult(0));
  else if (weight || bias)
    rows.addStep(weight ? "mf.scale" : "mf.add", {rows.current(), rows.parameterSource(weight ? weight : bias)}, op.getResult(0));
  return success();
}

LogicalResult describeImageStats(Operation &op, RowsDescriber &rows) {
  auto stats = cast<mf::ImageStatsOp>(op);
  LineStatistics segment{rows.wholeRowsOf(stats.getX()), mf::channelsOf(stats.getX()), static_cast<int64_t>(stats.getGroups()),
                         rows.outputOf(stats.getLines())};
  rows.startSegment(segment, Value());
  return success();
}

OpRule segment(LogicalResult (*describe)(Operation &, RowsDescriber &)) { return {OpRule::Segment, describe}; }

const bool registered =
    registerOpRule("mf.linear", segment(describeRowwise)) && registerOpRule("mf.conv2d", segment(describeConv2d)) &&
    registerOpRule("mf.depthwise_conv2d", segment(describeDepthwise)) &&
    registerOpRule("mf.pool_mix", segment(describePoolMix)) &&
    registerOpRule("mf.global_avg_pool", segment(describeGlobalAvgPool)) &&
    registerOpRule("mf.spatial_matmul", segment(describeSpatialMatmul)) &&
    registerOpRule("mf.layer_norm", segment(describeRowNorm)) && registerOpRule("mf.rms_norm", segment(describeRowNorm)) &&
    registerOpRule("mf.image_stats", segment(describeImageStats));

} // namespace
} // namespace archc::kernels
