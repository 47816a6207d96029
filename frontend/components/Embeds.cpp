//===- Embeds.cpp - How a stage begins: stem and downsampling -------------===//

#include "frontend/components/Counting.h"
#include "frontend/components/KeyRows.h"
#include "frontend/components/ProblemCodes.h"

namespace archc::spec {

static bool hasNorm(const Component &embed, const std::string &key) { return embed.getComponent(key).kind != "none"; }

/// timm calls the only norm `norm` wherever it stands; two need the names of the paper's repository.
static std::string normName(const Component &embed, const std::string &key) {
  return hasNorm(embed, "pre_norm") && hasNorm(embed, "post_norm") ? key : "norm";
}

static int64_t outputSide(const Component &embed, int64_t side, int axis) {
  int64_t padded = side + 2 * embed.getPair("padding")[axis], kernel = embed.getPair("kernel")[axis];
  return padded < kernel ? 0 : (padded - kernel) / embed.getPair("stride")[axis] + 1;
}

static Shape convOutputShape(const Component &embed, const Shape &shape) {
  Shape output;
  output.channels = shape.outChannels;
  output.height = outputSide(embed, shape.height, 0);
  output.width = outputSide(embed, shape.width, 1);
  return output;
}

static std::vector<ParamDecl> convParams(const Component &embed, const Shape &shape) {
  const std::vector<int64_t> &kernel = embed.getPair("kernel");
  std::vector<ParamDecl> params;
  appendNested(params, normName(embed, "pre_norm"), paramsOf(Slot::Norm, embed.getComponent("pre_norm"), shape));
  appendLayer(params, "conv", {shape.outChannels, shape.channels, kernel[0], kernel[1]}, embed.getBool("bias"));
  appendNested(params, normName(embed, "post_norm"),
               paramsOf(Slot::Norm, embed.getComponent("post_norm"), convOutputShape(embed, shape)));
  return params;
}

static Cost convCost(const Component &embed, const Shape &shape) {
  const std::vector<int64_t> &kernel = embed.getPair("kernel");
  Shape output = convOutputShape(embed, shape);
  Cost cost = costOf(Slot::Norm, embed.getComponent("pre_norm"), shape);
  cost += layerCost(product({output.channels, output.height, output.width}), product({shape.channels, kernel[0], kernel[1]}),
                    embed.getBool("bias"));
  cost += costOf(Slot::Norm, embed.getComponent("post_norm"), output);
  return cost;
}

static std::string sides(int64_t height, int64_t width) { return std::to_string(height) + "x" + std::to_string(width); }

static std::vector<Problem> checkConv(const Component &embed, const Shape &shape) {
  std::vector<Problem> problems;
  Shape output = convOutputShape(embed, shape);
  if (output.height < 1 || output.width < 1) {
    const std::vector<int64_t> &kernel = embed.getPair("kernel"), &padding = embed.getPair("padding");
    problems.push_back({"kernel",
                        "a kernel of " + sides(kernel[0], kernel[1]) + " does not fit the map of " +
                            sides(shape.height, shape.width) + "; expected at most " +
                            sides(shape.height + 2 * padding[0], shape.width + 2 * padding[1]) + " with this padding",
                        code::MapVanishes});
  }
  appendNestedProblems(problems, "pre_norm", problemsOf(Slot::Norm, embed.getComponent("pre_norm"), shape));
  appendNestedProblems(problems, "post_norm", problemsOf(Slot::Norm, embed.getComponent("post_norm"), output));
  return problems;
}

static bool registerConv() {
  ComponentKind kind;
  kind.slot = Slot::Embed;
  kind.name = "conv";
  kind.help = "A convolution to the stage's width, with a norm before or after it.";
  kind.source = "arXiv:2210.13452";
  kind.keys = {
      pair("kernel", "Size of the kernel.").inRange(1, 1024).withUnit("pixels").withExample("7"),
      pair("stride", "Step of the kernel.").withDefault(pairValue(1, 1)).inRange(1, 1024).withUnit("pixels").withExample("4"),
      pair("padding", "Zeros added on each side.")
          .withDefault(pairValue(0, 0))
          .inRange(0, 1024)
          .withUnit("pixels")
          .withExample("2"),
      boolean("bias", "Whether the convolution has a bias.").withDefault(boolValue(true)).withExample("false"),
      nested("pre_norm", Slot::Norm, "Norm before the convolution.")
          .withDefault(componentValue("none"))
          .withExample("{ kind = \"layer_norm\", affine = \"scale\" }"),
      nested("post_norm", Slot::Norm, "Norm after the convolution.")
          .withDefault(componentValue("none"))
          .withExample("{ kind = \"layer_norm\", affine = \"scale\" }")};
  kind.params = convParams;
  kind.cost = convCost;
  kind.outputShape = convOutputShape;
  kind.check = checkConv;
  return registerKind(kind);
}

static std::vector<Problem> checkNone(const Component &embed, const Shape &shape) {
  if (shape.channels == shape.outChannels)
    return {};
  return {{"",
           "no embedding leads from " + std::to_string(shape.channels) + " channels to `dim` = " +
               std::to_string(shape.outChannels) + "; expected equal widths or an embedding of kind `conv`",
           code::ShapeChanges}};
}

static bool registerNone() {
  ComponentKind kind;
  kind.slot = Slot::Embed;
  kind.name = "none";
  kind.help = "The stage begins with the map of the one before it.";
  kind.check = checkNone;
  return registerKind(kind);
}

static const bool registered[] = {registerConv(), registerNone()};

} // namespace archc::spec
