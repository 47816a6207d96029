//===- TrainingOps.cpp - Losses and what only training does ---------------===//

#include "dialect/mf/MfOps.h"

using namespace mlir;
using namespace archc::mf;

/// One number per image.
static LogicalResult inferLoss(Value logits, SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(logits.getType());
  types.push_back(RankedTensorType::get({type.getDimSize(0), 1}, type.getElementType()));
  return success();
}

LogicalResult CrossEntropyOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor op, SmallVectorImpl<Type> &types) {
  return inferLoss(op.getLogits(), types);
}

LogicalResult BceOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor op, SmallVectorImpl<Type> &types) {
  return inferLoss(op.getLogits(), types);
}

LogicalResult DropPathOp::verify() {
  int64_t site = getSiteAttr().getInt(), sites = channelsOf(getFactors());
  if (site < 0 || site >= sites) // drop_path_c1
    return emitOpError("has `site` ") << site << "; expected one of the " << sites << " columns of `factors`";
  return success();
}
