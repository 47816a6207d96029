//===- Channels.cpp - The channel part of a block: `mlp` and `none` -------===//

#include "frontend/components/Counting.h"
#include "frontend/components/KeyRows.h"
#include "frontend/components/ProblemCodes.h"

namespace archc::spec {

static Shape hiddenShape(const Component &mlp, const Shape &shape) {
  Shape hidden = shape;
  hidden.channels = scaledWidth(mlp.getFloat("ratio"), shape.channels);
  return hidden;
}

static std::vector<ParamDecl> mlpParams(const Component &mlp, const Shape &shape) {
  Shape hidden = hiddenShape(mlp, shape);
  bool bias = mlp.getBool("bias");
  std::vector<ParamDecl> params;
  appendLayer(params, "fc1", {hidden.channels, shape.channels, 1, 1}, bias);
  appendNested(params, "act", paramsOf(Slot::Activation, mlp.getComponent("activation"), hidden));
  appendLayer(params, "fc2", {shape.channels, hidden.channels, 1, 1}, bias);
  return params;
}

static Cost mlpCost(const Component &mlp, const Shape &shape) {
  Shape hidden = hiddenShape(mlp, shape);
  bool bias = mlp.getBool("bias");
  Cost cost = layerCost(product({shape.positions(), hidden.channels}), shape.channels, bias);
  cost += costOf(Slot::Activation, mlp.getComponent("activation"), hidden);
  cost += layerCost(product({shape.positions(), shape.channels}), hidden.channels, bias);
  return cost;
}

static std::vector<Problem> checkMlp(const Component &mlp, const Shape &shape) {
  if (hiddenShape(mlp, shape).channels >= 1)
    return {};
  return {{"ratio", "`ratio` leaves none of the " + std::to_string(shape.channels) + " channels; expected at least one",
           code::ConflictingKeys}};
}

static bool registerMlp() {
  ComponentKind kind;
  kind.slot = Slot::Channel;
  kind.name = "mlp";
  kind.help = "Two linear layers at each position with an activation between them.";
  kind.source = "arXiv:1706.03762";
  kind.keys = {ratioRow("ratio", 4, "Hidden channels per channel, rounded down."),
               nested("activation", Slot::Activation, "Activation between the two layers.")
                   .withDefault(componentValue("star_relu"))
                   .withExample("\"gelu\""),
               boolean("bias", "Whether both layers have a bias.").withDefault(boolValue(false)).withExample("true")};
  kind.params = mlpParams;
  kind.cost = mlpCost;
  kind.check = checkMlp;
  return registerKind(kind);
}

static bool registerNoChannel() {
  ComponentKind kind;
  kind.slot = Slot::Channel;
  kind.name = "none";
  kind.help = "The block has no channel branch.";
  return registerKind(kind);
}

static const bool registered[] = {registerMlp(), registerNoChannel()};

} // namespace archc::spec
