//===- Embeds.cpp - Stems, downsampling, position embeddings --------------===//

#include "passes/Expand/Expander.h"

using namespace mlir;

namespace archc {

/// timm calls the only norm `norm` wherever it stands; two are called by their keys.
static Value expandEmbedNorm(const Scope &scope, const Component &embed, StringRef key, Value x) {
  auto hasNorm = [&](StringRef name) { return embed.getComponent(name).kind() != "none"; };
  StringRef name = hasNorm("pre_norm") && hasNorm("post_norm") ? key : "norm";
  return expandComponent(Slot::Norm, scope.inner(name), embed.getComponent(key), x);
}

static Value expandConv(const Scope &scope, const Component &embed, Value x) {
  Scope conv = scope.inner("conv");
  x = expandEmbedNorm(scope, embed, "pre_norm", x);
  Value weight = x ? conv.getParam("weight") : Value();
  if (!weight)
    return {};
  x = conv.create<mf::Conv2dOp>(x, weight, conv.findParam("bias"), embed.getPair("stride"), embed.getPair("padding"),
                                /*groups=*/1);
  return expandEmbedNorm(scope, embed, "post_norm", x);
}

static Value expandLearnedPosition(const Scope &scope, const Component &, Value x) {
  Value position = scope.getParam("pos_embed");
  return position ? scope.inner("pos_embed").create<mf::AddPositionOp>(x, position) : Value();
}

static const bool registered[] = {registerExpander(Slot::Embed, "conv", expandConv),
                                  registerExpander(Slot::Position, "learned", expandLearnedPosition)};

} // namespace archc
