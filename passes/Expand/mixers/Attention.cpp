//===- Attention.cpp - Mixer `attention` ----------------------------------===//

#include "passes/Expand/Expander.h"

#include <cmath>

using namespace mlir;

namespace archc {

/// Heads and their width; one given alone divides what the qkv layer leaves for one of q, k, v.
static std::pair<int64_t, int64_t> headSizes(const Component &mixer, int64_t innerWidth) {
  if (mixer.has("head_dim"))
    return {innerWidth / mixer.getInt("head_dim"), mixer.getInt("head_dim")};
  return {mixer.getInt("heads"), innerWidth / mixer.getInt("heads")};
}

static Value expandAttention(const Scope &scope, const Component &mixer, Value x) {
  Value qkv = scope.inner("qkv").createLinear(x);
  if (!qkv)
    return {};
  auto [heads, headDim] = headSizes(mixer, mf::channelsOf(qkv) / 3);
  Builder &builder = scope.getBuilder();
  Value y = scope.inner("attn").create<mf::AttentionOp>(qkv, builder.getI64IntegerAttr(heads), builder.getI64IntegerAttr(headDim),
                                                        builder.getF64FloatAttr(1.0 / std::sqrt(double(headDim))));
  return scope.inner("proj").createLinear(y);
}

static const bool registered = registerExpander(Slot::Mixer, "attention", expandAttention);

} // namespace archc
