//===- StructureOps.cpp - Parameters, fused groups, prepared weights ------===//

#include "dialect/mf/CapturingRegion.h"
#include "dialect/mf/MfOps.h"
#include "dialect/mf/Verification.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace archc::mf;

LogicalResult ParamOp::verify() { // param_c1
  return getName().empty() ? emitOpError("has an empty name") : success();
}

// --- mf.fused ----------------------------------------------------------------

ParseResult FusedOp::parse(OpAsmParser &parser, OperationState &result) { return parseCapturingRegion(parser, result); }

void FusedOp::print(OpAsmPrinter &printer) { printCapturingRegion(printer, *this, /*elided=*/{}); }

LogicalResult FusedOp::verify() { return verifyCapturingRegion(*this); } // fused_c1, fused_c2

// --- prepare -----------------------------------------------------------------

/// What prepare computes is f64 until it is packed.
static RankedTensorType preparedType(ArrayRef<int64_t> shape, MLIRContext *context) {
  return RankedTensorType::get(shape, Float64Type::get(context));
}

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// `fold_weight_c2`, `fold_bias_c2`
static LogicalResult verifyInputAxis(Operation *op, int64_t axis) {
  if (axis == 0 || axis == 1)
    return success();
  return op->emitOpError("has `input_axis` ") << axis << "; expected 0 or 1";
}

LogicalResult FoldWeightOp::inferReturnTypes(MLIRContext *context, std::optional<Location>, Adaptor op,
                                             SmallVectorImpl<Type> &types) {
  types.push_back(preparedType(typeOf(op.getWeight()).getShape(), context));
  return success();
}

LogicalResult FoldWeightOp::verify() {
  ArrayRef<int64_t> shape = getWeight().getType().getShape();
  int64_t axis = getInputAxisAttr().getInt();
  if (failed(verifyInputAxis(*this, axis)) || failed(verifySpread(*this, "in_scale", getInScale(), shape[axis])))
    return failure();
  return verifySpread(*this, "out_scale", getOutScale(), shape[0]); // fold_weight_c1
}

LogicalResult AdjointWeightOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc, Adaptor op,
                                                SmallVectorImpl<Type> &types) {
  SmallVector<int64_t> shape(typeOf(op.getWeight()).getShape());
  IntegerAttr attribute = op.getGroupsAttr(); // a default is not there yet while an op is parsed
  int64_t groups = attribute ? attribute.getInt() : 1;
  if (groups < 1 || shape[0] % groups || (shape.size() == 2 && groups != 1)) // adjoint_weight_c1
    return emitOptionalError(loc, "`groups` is ", groups, "; expected a divisor of ", shape[0], ", and 1 for a matrix");
  int64_t outputs = shape[0] / groups;
  shape[0] = shape[1] * groups;
  shape[1] = outputs;
  types.push_back(preparedType(shape, context));
  return success();
}

LogicalResult FoldBiasOp::inferReturnTypes(MLIRContext *context, std::optional<Location>, Adaptor op,
                                           SmallVectorImpl<Type> &types) {
  types.push_back(preparedType({typeOf(op.getWeight()).getDimSize(0)}, context));
  return success();
}

LogicalResult FoldBiasOp::verify() {
  ArrayRef<int64_t> shape = getWeight().getType().getShape();
  int64_t axis = getInputAxisAttr().getInt();
  if (failed(verifyInputAxis(*this, axis)) || failed(verifyShape(*this, "bias", getBias(), {shape[0]})) ||
      failed(verifySpread(*this, "in_shift", getInShift(), shape[axis])))
    return failure();
  return verifySpread(*this, "out_scale", getOutScale(), shape[0]); // fold_bias_c1
}

LogicalResult NormStatsScaleOp::inferReturnTypes(MLIRContext *context, std::optional<Location>, Adaptor op,
                                                 SmallVectorImpl<Type> &types) {
  types.push_back(preparedType(typeOf(op.getVar()).getShape(), context));
  return success();
}

LogicalResult NormStatsScaleOp::verify() { // norm_stats_c1
  return verifyShape(*this, "weight", getWeight(), getVar().getType().getShape());
}

LogicalResult NormStatsShiftOp::inferReturnTypes(MLIRContext *context, std::optional<Location>, Adaptor op,
                                                 SmallVectorImpl<Type> &types) {
  types.push_back(preparedType(typeOf(op.getMean()).getShape(), context));
  return success();
}

LogicalResult NormStatsShiftOp::verify() { // norm_stats_c1
  ArrayRef<int64_t> shape = getMean().getType().getShape();
  if (failed(verifyShape(*this, "scale", getScale(), shape)))
    return failure();
  return verifyShape(*this, "bias", getBias(), shape);
}

/// `vector_arithmetic_c1`
static LogicalResult inferVectors(std::optional<Location> loc, Value a, Value b, SmallVectorImpl<Type> &types) {
  int64_t left = typeOf(a).getDimSize(0), right = typeOf(b).getDimSize(0);
  if (left != right && left != 1 && right != 1)
    return emitOptionalError(loc, "operands have ", left, " and ", right, " numbers; expected one or equally many");
  types.push_back(preparedType({std::max(left, right)}, a.getContext()));
  return success();
}

LogicalResult MultiplyOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  return inferVectors(loc, op.getA(), op.getB(), types);
}

LogicalResult DivideOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  return inferVectors(loc, op.getA(), op.getB(), types);
}

LogicalResult SumOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  return inferVectors(loc, op.getA(), op.getB(), types);
}

// --- mf.pack -----------------------------------------------------------------

LogicalResult PackOp::inferReturnTypes(MLIRContext *context, std::optional<Location>, Adaptor op, SmallVectorImpl<Type> &types) {
  types.push_back(RankedTensorType::get(typeOf(op.getX()).getShape(), Float32Type::get(context)));
  return success();
}

static bool fitsLayout(Layout layout, int64_t rank) {
  switch (layout) {
  case Layout::Vector:
    return rank == 1;
  case Layout::Panels:
    return rank == 2 || rank == 4;
  case Layout::Matrix:
    return rank == 2;
  case Layout::ConvPanels:
  case Layout::TapPanels:
  case Layout::Taps:
    return rank == 4;
  case Layout::Position:
    return rank == 3 || rank == 4;
  }
  return false;
}

LogicalResult PackOp::verify() {
  int64_t rank = getX().getType().getRank();
  if (!fitsLayout(getLayout(), rank)) // pack_c1
    return emitOpError("has layout `") << stringifyLayout(getLayout()) << "` for a value of rank " << rank;
  return success();
}
