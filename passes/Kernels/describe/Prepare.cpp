//===- Prepare.cpp - Parameter expressions as packing kernels -------------===//
//
// A kernel of `prepare` is an expression over parameters that ends in mf.pack. Vectors become sums of products (Terms), weights a
// parameter times factors per row and column, so that everything is computed in f64 and rounded once.
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/describe/DescribeKernel.h"

#include "dialect/mf/MfOps.h"

using namespace mlir;

namespace archc::kernels {
namespace {

using Factors = std::vector<Factor>;
using Terms = std::vector<Term>;

Factors concatenate(Factors a, const Factors &b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// The same factors counted along the other index of a weight.
Factors alongColumns(Factors factors) {
  for (Factor &factor : factors)
    if (factor.index == Factor::Row)
      factor.index = Factor::Column;
  return factors;
}

struct WeightExpression {
  WeightShape shape;
  Factors factors;
};

class Expressions {
public:
  explicit Expressions(plan::KernelOp kernel) : body(kernel.getBody().front()) {}

  unsigned operandOf(Value value) const { return cast<BlockArgument>(value).getArgNumber(); }

  Terms vector(Value value) const {
    if (isa<BlockArgument>(value))
      return {Term{{elementOf(value)}, std::nullopt, {}}};
    Operation *op = value.getDefiningOp();
    if (auto fold = dyn_cast<mf::FoldBiasOp>(op))
      return foldedBias(fold);
    if (auto scale = dyn_cast<mf::NormStatsScaleOp>(op))
      return statsScale(scale);
    if (auto shift = dyn_cast<mf::NormStatsShiftOp>(op))
      return sum(
          product({Term{{Factor::constant(-1)}, std::nullopt, {}}}, product(vector(shift.getMean()), vector(shift.getScale()))),
          shift.getBias() ? vector(shift.getBias()) : Terms());
    if (auto multiply = dyn_cast<mf::MultiplyOp>(op))
      return product(vector(multiply.getA()), vector(multiply.getB()));
    return sum(vector(op->getOperand(0)), vector(op->getOperand(1))); // mf.sum
  }

  WeightExpression weight(Value value) const {
    if (auto adjoint = value.getDefiningOp<mf::AdjointWeightOp>())
      return adjointOf(weight(adjoint.getWeight()), adjoint.getGroups());
    if (auto fold = value.getDefiningOp<mf::FoldWeightOp>()) {
      WeightExpression inner = weight(fold.getWeight());
      if (fold.getOutScale())
        inner.factors = concatenate(inner.factors, factors(fold.getOutScale()));
      if (fold.getInScale()) {
        Factors scale = factors(fold.getInScale());
        inner.factors = concatenate(inner.factors, fold.getInputAxis() == 1 ? alongColumns(scale) : scale);
      }
      return inner;
    }
    ArrayRef<int64_t> shape = cast<RankedTensorType>(value.getType()).getShape();
    WeightShape base{operandOf(value), shape[0], shape[1]};
    if (shape.size() == 4) {
      base.kernelHeight = shape[2];
      base.kernelWidth = shape[3];
    }
    return {base, {}};
  }

private:
  /// Rows become columns. A depthwise weight keeps its rows, and only turns its taps around.
  static WeightExpression adjointOf(WeightExpression weight, int64_t groups) {
    const bool isDepthwise = groups > 1 && groups == weight.shape.outputs && weight.shape.inputs == 1;
    weight.shape.adjoint = !weight.shape.adjoint;
    if (isDepthwise)
      return weight;
    weight.shape.inputs *= groups; // so far those of one group
    std::swap(weight.shape.outputs, weight.shape.inputs);
    weight.shape.groups = groups;
    for (Factor &factor : weight.factors)
      if (factor.index != Factor::None)
        factor.index = factor.index == Factor::Row ? Factor::Column : Factor::Row;
    return weight;
  }

  Factor elementOf(Value value) const {
    bool isScalar = cast<RankedTensorType>(value.getType()).getNumElements() == 1;
    return isScalar ? Factor::scalar(operandOf(value)) : Factor::row(operandOf(value));
  }

  /// A vector that is a single product, as scales are.
  Factors factors(Value value) const {
    Terms terms = vector(value);
    assert(terms.size() == 1 && !terms.front().weight && "scales are products of parameters");
    return terms.front().factors;
  }

  static Terms sum(Terms a, const Terms &b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  }

  static Terms product(const Terms &a, const Terms &b) {
    Terms all;
    for (const Term &left : a)
      for (const Term &right : b) {
        assert(!(left.weight && right.weight) && "only one factor sums over a weight");
        Term term = left.weight ? left : right;
        term.factors = concatenate(left.factors, right.factors);
        all.push_back(term);
      }
    return all;
  }

  Terms statsScale(mf::NormStatsScaleOp op) const {
    Factor rsqrt = Factor::inverseSqrt(Factor::Row, operandOf(op.getVar()), op.getEps().convertToDouble());
    Terms inverse = {Term{{rsqrt}, std::nullopt, {}}};
    return op.getWeight() ? product(vector(op.getWeight()), inverse) : inverse;
  }

  /// out_scale * (bias + sum over k of weight[n, k] * in_shift[k])
  Terms foldedBias(mf::FoldBiasOp op) const {
    Terms terms = op.getBias() ? vector(op.getBias()) : Terms();
    if (op.getInShift()) {
      WeightExpression matrix = weight(op.getWeight());
      for (const Term &shift : vector(op.getInShift()))
        terms.push_back(shiftedTerm(matrix, shift, op.getInputAxis()));
    }
    return op.getOutScale() ? product(terms, vector(op.getOutScale())) : terms;
  }

  static Term shiftedTerm(const WeightExpression &matrix, const Term &shift, int64_t inputAxis) {
    if (inputAxis == 0) // row n of the weight meets input channel n only
      return {concatenate(matrix.factors, shift.factors), matrix.shape, {}};
    Term term{{}, matrix.shape, alongColumns(shift.factors)};
    for (const Factor &factor : matrix.factors)
      (factor.index == Factor::Column ? term.columns : term.factors).push_back(factor);
    return term;
  }

  Block &body;
};

KernelBody packVector(const Expressions &expressions, Value value, unsigned output, const KernelTarget &target) {
  int64_t size = cast<RankedTensorType>(value.getType()).getNumElements();
  return PackVectorKernel{size, target.padToPanel(size), 0, expressions.vector(value), output};
}

/// [C,H,W] or [1,C,H,W] as rows per position.
KernelBody packPositions(const Expressions &expressions, Value value, unsigned output, const KernelTarget &target) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(value.getType()).getShape().take_back(3);
  return PackPositionsKernel{shape[0], shape[1] * shape[2], target.padToPanel(shape[0]), expressions.operandOf(value), output};
}

} // namespace

KernelBody describePrepare(plan::KernelOp kernel, const KernelTarget &target) {
  Block &body = kernel.getBody().front();
  Expressions expressions(kernel);
  auto pack = body.getTerminator()->getOperand(0).getDefiningOp<mf::PackOp>();
  Value value = pack.getX();
  unsigned output = body.getNumArguments();
  switch (pack.getLayout()) {
  case mf::Layout::Vector:
    return packVector(expressions, value, output, target);
  case mf::Layout::Position:
    return packPositions(expressions, value, output, target);
  case mf::Layout::Matrix: {
    WeightExpression matrix = expressions.weight(value);
    return PackMatrixKernel{matrix.shape.outputs, matrix.shape.operand, matrix.factors, output, matrix.shape.adjoint};
  }
  case mf::Layout::Taps: {
    WeightExpression taps = expressions.weight(value);
    return PackTapsKernel{
        taps.shape.outputs, taps.shape.kernelHeight * taps.shape.kernelWidth, taps.shape.operand, taps.factors, output,
        taps.shape.adjoint};
  }
  case mf::Layout::TapPanels:
  case mf::Layout::Panels:
  case mf::Layout::ConvPanels:
    break;
  }
  WeightExpression panels = expressions.weight(value);
  return PackPanelsKernel{panels.shape, panels.factors, pack.getLayout() == mf::Layout::TapPanels, output};
}

} // namespace archc::kernels
