//===- Pooling.cpp - Mixer `pooling`: average pooling minus the input -----===//

#include "frontend/components/Counting.h"
#include "frontend/components/KeyRows.h"
#include "frontend/components/ProblemCodes.h"

namespace archc::spec {

static std::vector<Problem> checkPooling(const Component &mixer, const Shape &shape) {
  int64_t size = mixer.getInt("size");
  if (size % 2 == 1)
    return {};
  return {{"size", "`size` is " + std::to_string(size) + "; expected an odd number, so that the window has a middle",
           code::EvenWindow}};
}

static bool registerPooling() {
  ComponentKind kind;
  kind.slot = Slot::Mixer;
  kind.name = "pooling";
  kind.help = "Mean of the window's valid positions minus the input.";
  kind.source = "arXiv:2111.11418";
  kind.keys = {
      integer("size", "Side of the window; odd.").withDefault(intValue(3)).inRange(1, 255).withUnit("pixels").withExample("3")};
  // The window's sums and one quotient, then the difference.
  kind.cost = [](const Component &mixer, const Shape &shape) {
    int64_t size = mixer.getInt("size");
    return pointwiseCost(product({shape.channels, shape.height, shape.width}), size * size + 1);
  };
  kind.check = checkPooling;
  return registerKind(kind);
}

static const bool registered = registerPooling();

} // namespace archc::spec
