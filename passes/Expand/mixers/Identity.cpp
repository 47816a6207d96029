//===- Identity.cpp - Mixer `identity` ------------------------------------===//

#include "passes/Expand/Expander.h"

using namespace mlir;

namespace archc {

/// f(x) = x: the branch's norm and scales remain.
static Value expandIdentity(const Scope &, const Component &, Value x) { return x; }

static const bool registered = registerExpander(Slot::Mixer, "identity", expandIdentity);

} // namespace archc
