//===- Classifiers.cpp - From pooled features to classes ------------------===//

#include "frontend/components/Counting.h"
#include "frontend/components/KeyRows.h"
#include "frontend/components/ProblemCodes.h"

namespace archc::spec {

static Shape classesOf(const Shape &shape) { return {shape.outChannels, 1, 1, 0}; }

static bool registerLinear() {
  ComponentKind kind;
  kind.slot = Slot::Classifier;
  kind.name = "linear";
  kind.help = "One linear layer with bias.";
  // No name of its own: timm's classifier `head.fc` is this layer.
  kind.params = [](const Component &classifier, const Shape &shape) -> std::vector<ParamDecl> {
    return {layerWeight("weight", {shape.outChannels, shape.channels}), vectorParam("bias", {shape.outChannels}, 0)};
  };
  kind.cost = [](const Component &classifier, const Shape &shape) {
    return layerCost(shape.outChannels, shape.channels, /*bias=*/true);
  };
  kind.outputShape = [](const Component &classifier, const Shape &shape) { return classesOf(shape); };
  return registerKind(kind);
}

static Shape hiddenShape(const Component &classifier, const Shape &shape) {
  return {scaledWidth(classifier.getFloat("ratio"), shape.channels), 1, 1, 0};
}

static std::vector<ParamDecl> mlpParams(const Component &classifier, const Shape &shape) {
  Shape hidden = hiddenShape(classifier, shape);
  std::vector<ParamDecl> params;
  appendLayer(params, "fc1", {hidden.channels, shape.channels}, /*bias=*/true);
  appendNested(params, "act", paramsOf(Slot::Activation, classifier.getComponent("activation"), hidden));
  appendNested(params, "norm", paramsOf(Slot::Norm, classifier.getComponent("norm"), hidden));
  appendLayer(params, "fc2", {shape.outChannels, hidden.channels}, /*bias=*/true);
  return params;
}

static Cost mlpCost(const Component &classifier, const Shape &shape) {
  Shape hidden = hiddenShape(classifier, shape);
  Cost cost = layerCost(hidden.channels, shape.channels, /*bias=*/true);
  cost += costOf(Slot::Activation, classifier.getComponent("activation"), hidden);
  cost += costOf(Slot::Norm, classifier.getComponent("norm"), hidden);
  cost += layerCost(shape.outChannels, hidden.channels, /*bias=*/true);
  return cost;
}

static std::vector<Problem> checkMlp(const Component &classifier, const Shape &shape) {
  std::vector<Problem> problems;
  Shape hidden = hiddenShape(classifier, shape);
  if (hidden.channels < 1)
    problems.push_back({"ratio",
                        "`ratio` leaves none of the " + std::to_string(shape.channels) + " features; expected at least one",
                        code::ConflictingKeys});
  appendNestedProblems(problems, "norm", problemsOf(Slot::Norm, classifier.getComponent("norm"), hidden));
  return problems;
}

static bool registerMlp() {
  ComponentKind kind;
  kind.slot = Slot::Classifier;
  kind.name = "mlp";
  kind.help = "Linear layer, activation, norm, linear layer; both layers with bias.";
  kind.source = "arXiv:2210.13452";
  kind.keys = {ratioRow("ratio", 4, "Hidden features per feature, rounded down."),
               nested("activation", Slot::Activation, "Activation after the first layer.")
                   .withDefault(componentValue("squared_relu"))
                   .withExample("\"squared_relu\""),
               nested("norm", Slot::Norm, "Norm before the second layer.")
                   .withDefault(componentValue("layer_norm"))
                   .withExample("{ kind = \"layer_norm\", eps = 1e-6 }")};
  kind.params = mlpParams;
  kind.cost = mlpCost;
  kind.outputShape = [](const Component &classifier, const Shape &shape) { return classesOf(shape); };
  kind.check = checkMlp;
  return registerKind(kind);
}

static const bool registered[] = {registerLinear(), registerMlp()};

} // namespace archc::spec
