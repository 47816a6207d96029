//===- ExpandBlock.cpp - Residual branches in tensor ops ------------------===//

#include "passes/Expand/ExpandParts.h"

using namespace mlir;

namespace archc {
namespace {

/// x times the parameter `scale` under `name`, where the branch declares one.
Value scaled(const Scope &scope, StringRef name, Value x) {
  Scope inner = scope.inner(name);
  Value factor = inner.findParam("scale");
  return factor ? inner.create<mf::ScaleOp>(x, factor) : x;
}

class BranchExpander {
public:
  BranchExpander(const Scope &scope, mf::BranchAttr branch) : scope(scope), branch(branch), names(branch.getNames()) {}

  /// The branch reads `input` and is added to `shortcut` by an op called `sumName`. They differ in parallel blocks only.
  Value run(Value input, Value shortcut, StringRef sumName) const {
    StringRef order = branch.getOrder();
    Value y = order == "pre_norm" ? norm(input) : input;
    if (y)
      y = function(y);
    if (y && order == "res_post_norm")
      y = norm(y);
    if (!y)
      return {};
    y = scaled(scope, names.getLayerScale(), y);
    Value kept = scaled(scope, names.getResScale(), shortcut);
    Value sum = scope.inner(sumName).create<mf::AddOp>(kept, y);
    return order == "post_norm" ? norm(sum) : sum;
  }

private:
  Value norm(Value x) const { return expandComponent(Slot::Norm, scope.inner(names.getNorm()), Component(branch.getNorm()), x); }
  Value function(Value x) const {
    Slot slot = branch.getSlot() == "mixer" ? Slot::Mixer : Slot::Channel;
    return expandComponent(slot, scope.inner(names.getFunction()), Component(branch.getFunction()), x);
  }

  const Scope &scope;
  mf::BranchAttr branch;
  mf::NamesAttr names;
};

} // namespace

Value expandBlock(OpBuilder &builder, mf::BlockOp block, Value x) {
  Scope scope(builder, block, block.getPath(), block.getParams());
  Value input = x;
  bool isParallel = block.getArrangement() == "parallel";
  int number = 0;
  for (auto branch : block.getBranches().getAsRange<mf::BranchAttr>()) {
    std::string sumName = "add" + std::to_string(++number);
    if (Component(branch.getFunction()).kind() == "none")
      continue;
    x = BranchExpander(scope, branch).run(isParallel ? input : x, x, sumName);
    if (!x)
      return {};
  }
  return x;
}

} // namespace archc
