//===- Elementwise.cpp - Ops that become steps of a chain -----------------===//

#include "passes/Kernels/describe/RowsDescriber.h"

#include "dialect/mf/MfOps.h"

using namespace mlir;

namespace archc::kernels {
namespace {

bool isMap(Value value) { return cast<RankedTensorType>(value.getType()).isDynamicDim(0); }

/// One step of the op's own name, with its operands in order.
LogicalResult describeAsIs(Operation &op, RowsDescriber &rows) {
  SmallVector<Source> operands;
  for (Value operand : op.getOperands())
    operands.push_back(isMap(operand) ? rows.mapSource(operand) : rows.parameterSource(operand));
  rows.addStep(op.getName().getStringRef(), operands, op.getResult(0));
  return success();
}

LogicalResult describeStarRelu(Operation &op, RowsDescriber &rows) {
  auto star = cast<mf::StarReluOp>(op);
  bool isBare = !star.getScale() && !star.getBias() && star.getScaleValue().isExactlyValue(1.0) && star.getBiasValue().isZero();
  if (isBare) {
    rows.addStep("mf.squared_relu", {rows.mapSource(star.getX())}, star.getY());
    return success();
  }
  Source scale =
      star.getScale() ? rows.parameterSource(star.getScale()) : Source::constant(star.getScaleValue().convertToDouble());
  Source bias = star.getBias() ? rows.parameterSource(star.getBias()) : Source::constant(star.getBiasValue().convertToDouble());
  rows.addStep("mf.star_relu", {rows.mapSource(star.getX()), scale, bias}, star.getY());
  return success();
}

LogicalResult describeAffine(Operation &op, RowsDescriber &rows) {
  auto affine = cast<mf::AffineOp>(op);
  Source x = rows.mapSource(affine.getX());
  Value scale = affine.getScale(), shift = affine.getShift();
  if (!scale && !shift)
    rows.addStep("mf.scale", {x, Source::constant(1)}, affine.getY()); // a copy
  else if (scale && shift)
    rows.addStep("mf.fma", {x, rows.parameterSource(scale), rows.parameterSource(shift)}, affine.getY());
  else
    rows.addStep(scale ? "mf.scale" : "mf.add", {x, rows.parameterSource(scale ? scale : shift)}, affine.getY());
  return success();
}

LogicalResult describeAddPosition(Operation &op, RowsDescriber &rows) {
  auto add = cast<mf::AddPositionOp>(op);
  Source position = Source::position(rows.operandOf(add.getPosition()), rows.target.padToPanel(mf::channelsOf(add.getX())));
  rows.addStep("mf.add", {rows.mapSource(add.getX()), position}, add.getY());
  return success();
}

LogicalResult describeScalePosition(Operation &op, RowsDescriber &rows) {
  auto scale = cast<mf::ScalePositionOp>(op);
  Source position = Source::position(rows.operandOf(scale.getPosition()), rows.target.padToPanel(mf::channelsOf(scale.getX())));
  rows.addStep("mf.scale", {rows.mapSource(scale.getX()), position}, scale.getY());
  return success();
}

/// A parameter per channel, or per channel and position.
Source spreadSource(RowsDescriber &rows, Value parameter, Value map) {
  if (cast<RankedTensorType>(parameter.getType()).getRank() == 1)
    return rows.parameterSource(parameter);
  return Source::position(rows.operandOf(parameter), rows.target.padToPanel(mf::channelsOf(map)));
}

LogicalResult describeNormalize(Operation &op, RowsDescriber &rows) {
  auto norm = cast<mf::NormalizeOp>(op);
  unsigned entry =
      rows.statisticsOf(norm.getLines(), norm.getGroups(), mf::channelsOf(norm.getX()), norm.getEps().convertToDouble());
  Source x = rows.mapSource(norm.getX());
  Value weight = norm.getWeight(), bias = norm.getBias();
  Value last = norm.getY();
  x = norm.getCenter()
          ? rows.addStep("mf.normalize", {x, Source::mean(entry), Source::rstd(entry)}, weight || bias ? Value() : last)
          : rows.addStep("mf.scale", {x, Source::rstd(entry)}, weight || bias ? Value() : last);
  if (weight && bias)
    rows.addStep("mf.fma", {x, spreadSource(rows, weight, norm.getX()), spreadSource(rows, bias, norm.getX())}, last);
  else if (weight || bias)
    rows.addStep(weight ? "mf.scale" : "mf.add", {x, spreadSource(rows, weight ? weight : bias, norm.getX())}, last);
  return success();
}

OpRule chain(LogicalResult (*describe)(Operation &, RowsDescriber &)) { return {OpRule::Chain, describe}; }

const bool registered = [] {
  for (StringRef name : {"mf.add", "mf.scale", "mf.relu", "mf.squared_relu", "mf.gelu", "mf.gelu_tanh", "mf.silu", "mf.hardswish",
                         "mf.step", "mf.gelu_grad", "mf.gelu_tanh_grad", "mf.silu_grad", "mf.hardswish_grad"})
    registerOpRule(name, chain(describeAsIs));
  return registerOpRule("mf.star_relu", chain(describeStarRelu)) && registerOpRule("mf.affine", chain(describeAffine)) &&
         registerOpRule("mf.add_position", chain(describeAddPosition)) &&
         registerOpRule("mf.scale_position", chain(describeScalePosition)) &&
         registerOpRule("mf.normalize", chain(describeNormalize));
}();

} // namespace
} // namespace archc::kernels
