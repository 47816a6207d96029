//===- SepConv.cpp - Mixer `sep_conv`: pointwise, depthwise, pointwise ----===//

#include "frontend/components/Counting.h"
#include "frontend/components/KeyRows.h"
#include "frontend/components/ProblemCodes.h"

namespace archc::spec {

static Shape hiddenShape(const Component &mixer, const Shape &shape) {
  Shape hidden = shape;
  hidden.channels = scaledWidth(mixer.getFloat("expansion"), shape.channels);
  return hidden;
}

static std::vector<ParamDecl> sepConvParams(const Component &mixer, const Shape &shape) {
  Shape hidden = hiddenShape(mixer, shape);
  int64_t kernel = mixer.getInt("kernel");
  std::vector<ParamDecl> params;
  appendLayer(params, "pwconv1", {hidden.channels, shape.channels, 1, 1}, /*bias=*/false);
  appendNested(params, "act1", paramsOf(Slot::Activation, mixer.getComponent("activation"), hidden));
  appendLayer(params, "dwconv", {hidden.channels, 1, kernel, kernel}, /*bias=*/false);
  appendNested(params, "act2", paramsOf(Slot::Activation, mixer.getComponent("second_activation"), hidden));
  appendLayer(params, "pwconv2", {shape.channels, hidden.channels, 1, 1}, /*bias=*/false);
  return params;
}

static Cost sepConvCost(const Component &mixer, const Shape &shape) {
  Shape hidden = hiddenShape(mixer, shape);
  int64_t kernel = mixer.getInt("kernel");
  int64_t elements = product({shape.positions(), shape.channels});
  int64_t hiddenElements = product({shape.positions(), hidden.channels});
  Cost cost = layerCost(hiddenElements, shape.channels, /*bias=*/false);
  cost += costOf(Slot::Activation, mixer.getComponent("activation"), hidden);
  cost += layerCost(hiddenElements, kernel * kernel, /*bias=*/false);
  cost += costOf(Slot::Activation, mixer.getComponent("second_activation"), hidden);
  cost += layerCost(elements, hidden.channels, /*bias=*/false);
  return cost;
}

static std::vector<Problem> checkSepConv(const Component &mixer, const Shape &shape) {
  std::vector<Problem> problems;
  int64_t kernel = mixer.getInt("kernel");
  if (kernel % 2 == 0)
    problems.push_back({"kernel",
                        "`kernel` is " + std::to_string(kernel) + "; expected an odd number, so that the map keeps its size",
                        code::EvenWindow});
  if (hiddenShape(mixer, shape).channels < 1)
    problems.push_back({"expansion",
                        "`expansion` leaves none of the " + std::to_string(shape.channels) + " channels; expected at least one",
                        code::ConflictingKeys});
  return problems;
}

static bool registerSepConv() {
  ComponentKind kind;
  kind.slot = Slot::Mixer;
  kind.name = "sep_conv";
  kind.help = "Inverted separable convolution: widen, convolve each channel, narrow; no biases.";
  kind.source = "arXiv:2210.13452";
  kind.keys = {integer("kernel", "Side of the depthwise kernel; odd.")
                   .withDefault(intValue(7))
                   .inRange(1, 255)
                   .withUnit("pixels")
                   .withExample("7"),
               ratioRow("expansion", 2, "Hidden channels per channel, rounded down."),
               nested("activation", Slot::Activation, "Activation between the first two convolutions.")
                   .withDefault(componentValue("star_relu"))
                   .withExample("\"star_relu\""),
               nested("second_activation", Slot::Activation, "Activation between the last two convolutions.")
                   .withDefault(componentValue("identity"))
                   .withExample("\"identity\"")};
  kind.params = sepConvParams;
  kind.cost = sepConvCost;
  kind.check = checkSepConv;
  return registerKind(kind);
}

static const bool registered = registerSepConv();

} // namespace archc::spec
