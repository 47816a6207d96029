//===- BlockCosts.cpp - Parameters and costs of one block -----------------===//

#include "frontend/cost/BlockCosts.h"

#include "frontend/components/Counting.h"
#include "frontend/model/BranchNames.h"

#include <algorithm>

namespace archc::spec {

Shape stageShape(const Stage &stage) {
  Shape shape;
  shape.channels = stage.dim;
  shape.height = stage.height;
  shape.width = stage.width;
  return shape;
}

static bool isMixer(const Branch &branch) { return branch.name == "mixer"; }

static Slot slotOf(const Branch &branch) { return isMixer(branch) ? Slot::Mixer : Slot::Channel; }

/// A block whose every mixer works on tokens; one without a mixer says nothing and is none.
static bool isOnTokens(const Block &block) {
  bool any = false;
  for (const Branch &branch : block.branches) {
    if (!isMixer(branch))
      continue;
    if (!findKind(Slot::Mixer, branch.function.kind)->onTokens)
      return false;
    any = true;
  }
  return any;
}

MlpLayout mlpLayoutOf(const Stage &stage) {
  bool tokens = !stage.blocks.empty() && std::all_of(stage.blocks.begin(), stage.blocks.end(), isOnTokens);
  return tokens ? MlpLayout::Linear : MlpLayout::Convolution;
}

static std::vector<ParamDecl> functionParams(const Branch &branch, const Shape &shape, MlpLayout layout) {
  std::vector<ParamDecl> params = paramsOf(slotOf(branch), branch.function, shape);
  if (isMixer(branch) || layout == MlpLayout::Convolution)
    return params;
  for (ParamDecl &param : params)
    if (param.shape.size() == 4 && param.shape[2] == 1 && param.shape[3] == 1)
      param.shape.resize(2);
  return params;
}

/// A scale's parameters say to which of its two owners they belong.
static void appendScale(std::vector<ParamDecl> &params, const BranchNames &names, const std::vector<ParamDecl> &scale) {
  const std::string layerPrefix = "layer_scale.";
  for (const ParamDecl &param : scale) {
    bool isLayer = param.name.compare(0, layerPrefix.size(), layerPrefix) == 0;
    ParamDecl named = param;
    named.name = (isLayer ? names.layerScale : names.resScale) + param.name.substr(param.name.find('.'));
    params.push_back(std::move(named));
  }
}

static Cost branchCost(const Branch &branch, const Shape &shape) {
  Cost cost = costOf(Slot::Norm, branch.norm, shape);
  cost += costOf(slotOf(branch), branch.function, shape);
  cost += costOf(Slot::Scale, branch.scale, shape);
  cost += pointwiseCost(product({shape.channels, shape.height, shape.width}), pointwise::Add);
  return cost;
}

void computeBlock(Block &block, const Shape &shape, MlpLayout layout) {
  block.params.clear();
  block.cost = Cost();
  std::vector<BranchNames> names = branchNames(block);
  for (size_t i = 0; i < block.branches.size(); ++i) {
    const Branch &branch = block.branches[i];
    appendNested(block.params, names[i].norm, paramsOf(Slot::Norm, branch.norm, shape));
    appendNested(block.params, names[i].function, functionParams(branch, shape, layout));
    appendScale(block.params, names[i], paramsOf(Slot::Scale, branch.scale, shape));
    block.cost += branchCost(branch, shape);
  }
}

} // namespace archc::spec
