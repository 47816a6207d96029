//===- Activations.cpp - Activation functions -----------------------------===//

#include "passes/Expand/Expander.h"

using namespace mlir;

namespace archc {

template <typename ActivationOp> static Value expandPlain(const Scope &scope, const Component &, Value x) {
  return scope.create<ActivationOp>(x);
}

/// Learned scale and bias are parameters that start at the component's numbers; fixed ones are those numbers.
static Value expandStarRelu(const Scope &scope, const Component &activation, Value x) {
  Builder &builder = scope.getBuilder();
  bool isLearned = activation.getBool("learned");
  double scale = isLearned ? 1.0 : activation.getFloat("scale"), bias = isLearned ? 0.0 : activation.getFloat("bias");
  Value learnedScale = scope.findParam("scale"), learnedBias = scope.findParam("bias");
  return scope.create<mf::StarReluOp>(x, learnedScale, learnedBias, builder.getF64FloatAttr(scale),
                                      builder.getF64FloatAttr(bias));
}

static Value expandIdentity(const Scope &, const Component &, Value x) { return x; }

static const bool registered[] = {registerExpander(Slot::Activation, "relu", expandPlain<mf::ReluOp>),
                                  registerExpander(Slot::Activation, "squared_relu", expandPlain<mf::SquaredReluOp>),
                                  registerExpander(Slot::Activation, "gelu", expandPlain<mf::GeluOp>),
                                  registerExpander(Slot::Activation, "gelu_tanh", expandPlain<mf::GeluTanhOp>),
                                  registerExpander(Slot::Activation, "silu", expandPlain<mf::SiluOp>),
                                  registerExpander(Slot::Activation, "hardswish", expandPlain<mf::HardswishOp>),
                                  registerExpander(Slot::Activation, "star_relu", expandStarRelu),
                                  registerExpander(Slot::Activation, "identity", expandIdentity)};

} // namespace archc
