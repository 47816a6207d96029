//===- Scales.cpp - Factors of a residual branch and of its shortcut ------===//
//
// x <- r * x + l * f(norm(x)): `layer` has l, `residual` has r, `branch` both.
//
//===----------------------------------------------------------------------===//

#include "frontend/components/Counting.h"
#include "frontend/components/KeyRows.h"

namespace archc::spec {

/// A factor that is not learned stays in the state dict, frozen, as timm's does.
static ParamDecl factor(const std::string &name, const Component &scale, const Shape &shape, double start) {
  int64_t extent = scale.getString("per") == "channel" ? shape.channels : 1;
  ParamDecl param = vectorParam(name, {extent}, start);
  if (!scale.getBool("learned"))
    param.role = ParamRole::Frozen;
  return param;
}

static RowBuilder startRow(const std::string &name, double value, const std::string &help) {
  return number(name, help).withDefault(floatValue(value)).inRange(-1e6, 1e6).withExample("1.0");
}

static RowBuilder perRow() {
  return word("per", "One factor for each channel or for the whole layer.")
      .withDefault(stringValue("channel"))
      .oneOf({"channel", "layer"})
      .withExample("\"channel\"");
}

static RowBuilder learnedRow() {
  return boolean("learned", "Whether training changes the factor.").withDefault(boolValue(true)).withExample("true");
}

static ComponentKind scaleKind(const std::string &name, const std::string &help, const std::string &source, int64_t factors) {
  ComponentKind kind;
  kind.slot = Slot::Scale;
  kind.name = name;
  kind.help = help;
  kind.source = source;
  kind.cost = [factors](const Component &scale, const Shape &shape) {
    return pointwiseCost(product({shape.channels, shape.height, shape.width}), factors * pointwise::Scale);
  };
  return kind;
}

static bool registerLayer() {
  ComponentKind kind = scaleKind("layer", "A factor of the branch.", "arXiv:2103.17239", 1);
  kind.keys = {startRow("init", 1e-5, "Where the branch's factor starts."), perRow(), learnedRow()};
  kind.params = [](const Component &scale, const Shape &shape) -> std::vector<ParamDecl> {
    return {factor("layer_scale.scale", scale, shape, scale.getFloat("init"))};
  };
  return registerKind(kind);
}

static bool registerResidual() {
  ComponentKind kind = scaleKind("residual", "A factor of the shortcut.", "arXiv:2110.09456", 1);
  kind.keys = {startRow("init", 1, "Where the shortcut's factor starts."), perRow(), learnedRow()};
  kind.params = [](const Component &scale, const Shape &shape) -> std::vector<ParamDecl> {
    return {factor("res_scale.scale", scale, shape, scale.getFloat("init"))};
  };
  return registerKind(kind);
}

static bool registerBranch() {
  ComponentKind kind = scaleKind("branch", "A factor of the branch and one of the shortcut.", "arXiv:2210.13452", 2);
  kind.keys = {startRow("layer_init", 1e-5, "Where the branch's factor starts."),
               startRow("residual_init", 1, "Where the shortcut's factor starts."), perRow(), learnedRow()};
  kind.params = [](const Component &scale, const Shape &shape) -> std::vector<ParamDecl> {
    return {factor("layer_scale.scale", scale, shape, scale.getFloat("layer_init")),
            factor("res_scale.scale", scale, shape, scale.getFloat("residual_init"))};
  };
  return registerKind(kind);
}

static const bool registered[] = {registerKind(scaleKind("none", "Both factors are 1.", "", 0)), registerLayer(),
                                  registerResidual(), registerBranch()};

} // namespace archc::spec
