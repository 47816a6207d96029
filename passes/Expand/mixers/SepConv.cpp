//===- SepConv.cpp - Mixer `sep_conv` -------------------------------------===//

#include "passes/Expand/Expander.h"

using namespace mlir;

namespace archc {

static Value expandDepthwise(const Scope &scope, int64_t kernel, Value x) {
  Value weight = scope.getParam("weight");
  if (!weight)
    return {};
  SmallVector<int64_t> padding(2, kernel / 2);
  return scope.create<mf::DepthwiseConv2dOp>(x, weight, scope.findParam("bias"), padding);
}

/// Pointwise, activation, depthwise, second activation, pointwise.
static Value expandSepConv(const Scope &scope, const Component &mixer, Value x) {
  Value y = scope.inner("pwconv1").createLinear(x);
  if (y)
    y = expandComponent(Slot::Activation, scope.inner("act1"), mixer.getComponent("activation"), y);
  if (y)
    y = expandDepthwise(scope.inner("dwconv"), mixer.getInt("kernel"), y);
  if (y)
    y = expandComponent(Slot::Activation, scope.inner("act2"), mixer.getComponent("second_activation"), y);
  return y ? scope.inner("pwconv2").createLinear(y) : Value();
}

static const bool registered = registerExpander(Slot::Mixer, "sep_conv", expandSepConv);

} // namespace archc
