//===- ExpandHead.cpp - Norm, pool and classifier in tensor ops -----------===//

#include "passes/Expand/ExpandParts.h"

using namespace mlir;

namespace archc {

Value expandHead(OpBuilder &builder, mf::HeadOp head, Value x) {
  Scope scope(builder, head, head.getPath(), head.getParams());
  auto norm = [&] { return expandComponent(Slot::Norm, scope.inner("norm"), Component(head.getNorm()), x); };
  bool isNormFirst = head.getOrder() == "norm_pool";
  if (isNormFirst && !(x = norm()))
    return {};
  x = scope.inner("global_pool").create<mf::GlobalAvgPoolOp>(x);
  if (!isNormFirst && !(x = norm()))
    return {};
  Component classifier(head.getClassifier());
  return classifier.kind() == "none" ? x : expandComponent(Slot::Classifier, scope.inner("fc"), classifier, x);
}

} // namespace archc
