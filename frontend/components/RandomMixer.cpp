//===- RandomMixer.cpp - Mixer `random`: a random matrix over the tokens --===//

#include "frontend/components/Counting.h"
#include "frontend/components/KeyRows.h"
#include "frontend/components/ProblemCodes.h"

namespace archc::spec {

static std::vector<ParamDecl> randomParams(const Component &mixer, const Shape &shape) {
  ParamDecl matrix = layerWeight("random_matrix", {shape.positions(), shape.positions()});
  matrix.init = {"softmax_uniform", 0, 1};
  if (mixer.getBool("frozen")) {
    matrix.role = ParamRole::Frozen;
    matrix.decay = false;
  }
  return {matrix};
}

static std::vector<Problem> checkTokens(const Component &mixer, const Shape &shape) {
  if (!mixer.find("tokens") || mixer.getInt("tokens") == shape.positions())
    return {};
  return {{"tokens",
           "the random matrix is for " + std::to_string(mixer.getInt("tokens")) + " tokens; expected " +
               std::to_string(shape.positions()) + " on the " + std::to_string(shape.height) + "x" + std::to_string(shape.width) +
               " map of this stage",
           code::WrongMapSize}};
}

static bool registerRandom() {
  ComponentKind kind;
  kind.slot = Slot::Mixer;
  kind.name = "random";
  kind.help = "Each position becomes a fixed random average of all positions; ties the model to its resolution.";
  kind.source = "arXiv:2210.13452";
  kind.keys = {
      boolean("frozen", "Whether training leaves the matrix as it was drawn.").withDefault(boolValue(true)).withExample("true"),
      integer("tokens", "Side of the matrix; when given, the map must have this many positions.")
          .withoutDefault()
          .inRange(1, 1 << 20)
          .withUnit("tokens")
          .withExample("196")};
  kind.params = randomParams;
  kind.cost = [](const Component &mixer, const Shape &shape) {
    return layerCost(product({shape.positions(), shape.channels}), shape.positions(), /*bias=*/false);
  };
  kind.check = checkTokens;
  return registerKind(kind);
}

static const bool registered = registerRandom();

} // namespace archc::spec
