//===- SpatialFc.cpp - Mixer `spatial_fc`: one matrix over positions ------===//

#include "frontend/components/Counting.h"
#include "frontend/components/KeyRows.h"

namespace archc::spec {

static bool registerSpatialFc() {
  ComponentKind kind;
  kind.slot = Slot::Mixer;
  kind.name = "spatial_fc";
  kind.help = "Each position becomes a learned sum of all positions, alike for every channel; ties the model to its resolution.";
  kind.source = "arXiv:2111.11418";
  kind.keys = {boolean("bias", "Whether each position has a bias.").withDefault(boolValue(false)).withExample("true")};
  kind.params = [](const Component &mixer, const Shape &shape) {
    std::vector<ParamDecl> params;
    appendLayer(params, "fc", {shape.positions(), shape.positions()}, mixer.getBool("bias"));
    return params;
  };
  kind.cost = [](const Component &mixer, const Shape &shape) {
    return layerCost(product({shape.positions(), shape.channels}), shape.positions(), mixer.getBool("bias"));
  };
  return registerKind(kind);
}

static const bool registered = registerSpatialFc();

} // namespace archc::spec
