//===- Costs.cpp - Parameters and costs of an architecture ----------------===//

#include "frontend/cost/Costs.h"

#include "frontend/components/Counting.h"
#include "frontend/cost/BlockCosts.h"

namespace archc::spec {

static void computeStage(Stage &stage, const Shape &incoming) {
  Shape input = incoming;
  input.outChannels = stage.dim;
  stage.embedParams = paramsOf(Slot::Embed, stage.embed, input);
  stage.embedCost = costOf(Slot::Embed, stage.embed, input);
  Shape shape = stageShape(stage);
  stage.positionParams = paramsOf(Slot::Position, stage.position, shape);
  stage.positionCost = costOf(Slot::Position, stage.position, shape);
  MlpLayout layout = mlpLayoutOf(stage);
  for (Block &block : stage.blocks)
    computeBlock(block, shape, layout);
}

static void computeHead(Head &head, const Shape &map, int64_t classes) {
  Shape pooled = map;
  pooled.height = pooled.width = 1;
  const Shape &normShape = head.order == "norm_pool" ? map : pooled;
  head.params.clear();
  appendNested(head.params, "norm", paramsOf(Slot::Norm, head.norm, normShape));
  head.cost = costOf(Slot::Norm, head.norm, normShape);
  head.cost += pointwiseCost(product({map.channels, map.height, map.width}), pointwise::GlobalPool);
  if (classes == 0)
    return; // features: timm leaves the classifier out
  pooled.outChannels = classes;
  appendNested(head.params, "fc", paramsOf(Slot::Classifier, head.classifier, pooled));
  head.cost += costOf(Slot::Classifier, head.classifier, pooled);
}

void computeCosts(Architecture &architecture) {
  Shape shape;
  shape.channels = architecture.input.channels;
  shape.height = architecture.input.height;
  shape.width = architecture.input.width;
  for (Stage &stage : architecture.stages) {
    computeStage(stage, shape);
    shape = stageShape(stage);
  }
  computeHead(architecture.head, shape, architecture.classes);
}

} // namespace archc::spec
