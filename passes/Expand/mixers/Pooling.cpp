//===- Pooling.cpp - Mixer `pooling` --------------------------------------===//

#include "passes/Expand/Expander.h"

using namespace mlir;

namespace archc {

static Value expandPooling(const Scope &scope, const Component &mixer, Value x) {
  return scope.create<mf::PoolMixOp>(x, static_cast<uint64_t>(mixer.getInt("size")));
}

static const bool registered = registerExpander(Slot::Mixer, "pooling", expandPooling);

} // namespace archc
