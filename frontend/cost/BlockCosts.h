//===- BlockCosts.h - Parameters and costs of one block -------------------===//

#ifndef ARCHC_FRONTEND_COST_BLOCKCOSTS_H
#define ARCHC_FRONTEND_COST_BLOCKCOSTS_H

#include "frontend/components/ComponentKind.h"

namespace archc::spec {

/// The map of a stage's blocks.
Shape stageShape(const Stage &stage);

/// How timm stores the weights of `mlp`: as 1x1 convolutions [O,I,1,1], or as linear layers [O,I].
enum class MlpLayout { Convolution, Linear };

/// timm runs a stage of nothing but attention on [N,T,C], with linear layers, and every other one on [N,C,H,W].
MlpLayout mlpLayoutOf(const Stage &stage);

/// Fills in `params` and `cost`.
void computeBlock(Block &block, const Shape &shape, MlpLayout layout);

} // namespace archc::spec

#endif // ARCHC_FRONTEND_COST_BLOCKCOSTS_H
