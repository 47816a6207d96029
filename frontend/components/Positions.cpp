//===- Positions.cpp - Position embeddings of a stage ---------------------===//

#include "frontend/components/Counting.h"

namespace archc::spec {

static bool registerLearned() {
  ComponentKind kind;
  kind.slot = Slot::Position;
  kind.name = "learned";
  kind.help = "A learned map added to the stage's input; ties the model to its resolution.";
  kind.source = "arXiv:2111.11418";
  kind.params = [](const Component &position, const Shape &shape) -> std::vector<ParamDecl> {
    return {vectorParam("pos_embed", {1, shape.channels, shape.height, shape.width}, 0)};
  };
  kind.cost = [](const Component &position, const Shape &shape) {
    return pointwiseCost(product({shape.channels, shape.height, shape.width}), pointwise::Add);
  };
  return registerKind(kind);
}

static bool registerNone() {
  ComponentKind kind;
  kind.slot = Slot::Position;
  kind.name = "none";
  kind.help = "No position embedding.";
  return registerKind(kind);
}

static const bool registered[] = {registerLearned(), registerNone()};

} // namespace archc::spec
