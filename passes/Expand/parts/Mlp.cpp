//===- Mlp.cpp - Channel part and classifier `mlp`, classifier `linear` ---===//

#include "passes/Expand/Expander.h"

using namespace mlir;

namespace archc {

static Value expandMlp(const Scope &scope, const Component &mlp, Value x) {
  Value y = scope.inner("fc1").createLinear(x);
  if (y)
    y = expandComponent(Slot::Activation, scope.inner("act"), mlp.getComponent("activation"), y);
  return y ? scope.inner("fc2").createLinear(y) : Value();
}

/// A norm stands between activation and second layer.
static Value expandMlpClassifier(const Scope &scope, const Component &mlp, Value x) {
  Value y = scope.inner("fc1").createLinear(x);
  if (y)
    y = expandComponent(Slot::Activation, scope.inner("act"), mlp.getComponent("activation"), y);
  if (y)
    y = expandComponent(Slot::Norm, scope.inner("norm"), mlp.getComponent("norm"), y);
  return y ? scope.inner("fc2").createLinear(y) : Value();
}

static Value expandLinear(const Scope &scope, const Component &, Value x) { return scope.createLinear(x); }

static const bool registered[] = {registerExpander(Slot::Channel, "mlp", expandMlp),
                                  registerExpander(Slot::Classifier, "mlp", expandMlpClassifier),
                                  registerExpander(Slot::Classifier, "linear", expandLinear)};

} // namespace archc
