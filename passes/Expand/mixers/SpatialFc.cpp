//===- SpatialFc.cpp - Mixer `spatial_fc` ---------------------------------===//

#include "passes/Expand/Expander.h"

using namespace mlir;

namespace archc {

static Value expandSpatialFc(const Scope &scope, const Component &mixer, Value x) {
  Value matrix = scope.inner("fc").getParam("weight");
  if (!matrix)
    return Value();
  Value bias = mixer.getBool("bias") ? scope.inner("fc").getParam("bias") : Value();
  return scope.create<mf::SpatialMatmulOp>(x, matrix, bias);
}

static const bool registered = registerExpander(Slot::Mixer, "spatial_fc", expandSpatialFc);

} // namespace archc
