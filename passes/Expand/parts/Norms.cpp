//===- Norms.cpp - Normalisations -----------------------------------------===//

#include "passes/Expand/Expander.h"

using namespace mlir;

namespace archc {

static FloatAttr epsilon(const Scope &scope, const Component &norm) {
  return scope.getBuilder().getF64FloatAttr(norm.getFloat("eps"));
}

/// weight and bias are those that the component's `affine` made the spec declare.
template <typename NormOp> static Value expandNorm(const Scope &scope, const Component &norm, Value x) {
  Value weight = scope.findParam("weight"), bias = scope.findParam("bias");
  return scope.create<NormOp>(x, weight, bias, epsilon(scope, norm));
}

static Value expandGroupNorm(const Scope &scope, const Component &norm, Value x) {
  auto groups = scope.getBuilder().getI64IntegerAttr(norm.getInt("groups"));
  Value weight = scope.findParam("weight"), bias = scope.findParam("bias");
  return scope.create<mf::GroupNormOp>(x, weight, bias, groups, epsilon(scope, norm));
}

static Value expandBatchNorm(const Scope &scope, const Component &norm, Value x) {
  Value mean = scope.getParam("running_mean"), variance = scope.getParam("running_var");
  if (!mean || !variance)
    return {};
  Value weight = scope.findParam("weight"), bias = scope.findParam("bias");
  return scope.create<mf::BatchNormOp>(x, mean, variance, weight, bias, epsilon(scope, norm));
}

static Value expandRmsNorm(const Scope &scope, const Component &norm, Value x) {
  return scope.create<mf::RmsNormOp>(x, scope.findParam("weight"), epsilon(scope, norm));
}

static Value expandNone(const Scope &, const Component &, Value x) { return x; }

static const bool registered[] = {registerExpander(Slot::Norm, "layer_norm", expandNorm<mf::LayerNormOp>),
                                  registerExpander(Slot::Norm, "layer_norm_chw", expandNorm<mf::LayerNormChwOp>),
                                  registerExpander(Slot::Norm, "group_norm", expandGroupNorm),
                                  registerExpander(Slot::Norm, "batch_norm", expandBatchNorm),
                                  registerExpander(Slot::Norm, "rms_norm", expandRmsNorm),
                                  registerExpander(Slot::Norm, "none", expandNone)};

} // namespace archc
