//===- Random.cpp - Mixer `random` ----------------------------------------===//

#include "passes/Expand/Expander.h"

using namespace mlir;

namespace archc {

static Value expandRandom(const Scope &scope, const Component &, Value x) {
  Value matrix = scope.getParam("random_matrix");
  return matrix ? scope.create<mf::SpatialMatmulOp>(x, matrix, /*bias=*/Value()) : Value();
}

static const bool registered = registerExpander(Slot::Mixer, "random", expandRandom);

} // namespace archc
