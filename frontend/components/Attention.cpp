//===- Attention.cpp - Mixer `attention`: multi-head self-attention -------===//

#include "frontend/components/Attention.h"

#include "frontend/components/Counting.h"
#include "frontend/components/KeyRows.h"
#include "frontend/components/ProblemCodes.h"

namespace archc::spec {

HeadSizes headSizes(const Component &attention, int64_t dim) {
  HeadSizes sizes;
  bool hasHeads = attention.find("heads"), hasHeadDim = attention.find("head_dim");
  if (hasHeads)
    sizes.heads = attention.getInt("heads");
  if (hasHeadDim)
    sizes.headDim = attention.getInt("head_dim");
  if (hasHeads && !hasHeadDim)
    sizes.headDim = dim / sizes.heads;
  if (hasHeadDim && !hasHeads)
    sizes.heads = dim / sizes.headDim;
  return sizes;
}

static std::vector<ParamDecl> attentionParams(const Component &mixer, const Shape &shape) {
  int64_t inner = headSizes(mixer, shape.channels).innerWidth();
  std::vector<ParamDecl> params;
  appendLayer(params, "qkv", {3 * inner, shape.channels}, mixer.getBool("qkv_bias"));
  appendLayer(params, "proj", {shape.channels, inner}, mixer.getBool("proj_bias"));
  return params;
}

/// The scores q k^T and the sums of v are matrix products; the scale of the scores is counted on q.
static Cost attentionCost(const Component &mixer, const Shape &shape) {
  HeadSizes sizes = headSizes(mixer, shape.channels);
  int64_t tokens = shape.positions(), inner = sizes.innerWidth();
  int64_t scores = product({sizes.heads, tokens, tokens});
  Cost cost = layerCost(product({tokens, 3, inner}), shape.channels, mixer.getBool("qkv_bias"));
  cost += pointwiseCost(product({tokens, inner}), pointwise::Scale);
  cost += layerCost(scores, sizes.headDim, /*bias=*/false);
  cost += pointwiseCost(scores, pointwise::Softmax);
  cost += layerCost(product({tokens, inner}), tokens, /*bias=*/false);
  cost += layerCost(product({tokens, shape.channels}), inner, mixer.getBool("proj_bias"));
  return cost;
}

static std::vector<Problem> checkDivides(const Component &mixer, const std::string &key, int64_t dim) {
  int64_t value = mixer.getInt(key);
  if (dim % value == 0)
    return {};
  return {{key, "`" + key + "` is " + std::to_string(value) + "; expected a divisor of `dim` = " + std::to_string(dim),
           code::DoesNotDivide}};
}

static std::vector<Problem> checkAttention(const Component &mixer, const Shape &shape) {
  bool hasHeads = mixer.find("heads"), hasHeadDim = mixer.find("head_dim");
  if (hasHeads && hasHeadDim)
    return {}; // the inner width is their product, whatever `dim` is
  if (!hasHeads && !hasHeadDim)
    return {{"", "`attention` has neither `heads` nor `head_dim`; expected at least one of them", code::ConflictingKeys}};
  return checkDivides(mixer, hasHeads ? "heads" : "head_dim", shape.channels);
}

static bool registerAttention() {
  ComponentKind kind;
  kind.slot = Slot::Mixer;
  kind.name = "attention";
  kind.help = "Multi-head self-attention over all positions.";
  kind.source = "arXiv:1706.03762";
  kind.keys = {
      integer("heads", "Number of heads; alone, it must divide `dim`.")
          .withoutDefault()
          .inRange(1, 65536)
          .withUnit("heads")
          .withExample("10"),
      integer("head_dim", "Channels of a head; alone, it must divide `dim`.")
          .withoutDefault()
          .inRange(1, 65536)
          .withUnit("channels")
          .withExample("32"),
      boolean("qkv_bias", "Whether queries, keys and values have a bias.").withDefault(boolValue(false)).withExample("false"),
      boolean("proj_bias", "Whether the output projection has a bias.").withDefault(boolValue(false)).withExample("true")};
  kind.params = attentionParams;
  kind.cost = attentionCost;
  kind.check = checkAttention;
  kind.onTokens = true;
  return registerKind(kind);
}

static const bool registered = registerAttention();

} // namespace archc::spec
