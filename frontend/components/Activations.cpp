//===- Activations.cpp - Pointwise non-linear functions -------------------===//

#include "frontend/components/Counting.h"
#include "frontend/components/KeyRows.h"

namespace archc::spec {

static ComponentKind activationKind(const std::string &name, const std::string &help, int64_t workPerElement) {
  ComponentKind kind;
  kind.slot = Slot::Activation;
  kind.name = name;
  kind.help = help;
  kind.cost = [workPerElement](const Component &activation, const Shape &shape) {
    return pointwiseCost(product({shape.channels, shape.height, shape.width}), workPerElement);
  };
  return kind;
}

static bool registerPlain(const std::string &name, const std::string &help, const std::string &source, int64_t workPerElement) {
  ComponentKind kind = activationKind(name, help, workPerElement);
  kind.source = source;
  return registerKind(kind);
}

static std::vector<ParamDecl> starReluParams(const Component &activation, const Shape &shape) {
  if (!activation.getBool("learned"))
    return {};
  int64_t extent = activation.getString("per") == "channel" ? shape.channels : 1;
  return {vectorParam("scale", {extent}, activation.getFloat("scale")),
          vectorParam("bias", {extent}, activation.getFloat("bias"))};
}

static bool registerStarRelu() {
  ComponentKind kind = activationKind("star_relu", "scale * max(0, x)^2 + bias.", pointwise::StarRelu);
  kind.source = "arXiv:2210.13452";
  kind.keys = {number("scale", "Factor of the square; where it starts when it is learned.")
                   .withDefault(floatValue(1))
                   .inRange(-1e6, 1e6)
                   .withExample("0.8944"),
               number("bias", "Added to the square; where it starts when it is learned.")
                   .withDefault(floatValue(0))
                   .inRange(-1e6, 1e6)
                   .withExample("-0.4472"),
               boolean("learned", "Whether scale and bias are parameters; otherwise they are constants.")
                   .withDefault(boolValue(true))
                   .withExample("false"),
               word("per", "One scale and bias for the whole layer or for each channel.")
                   .withDefault(stringValue("layer"))
                   .oneOf({"layer", "channel"})
                   .withExample("\"channel\"")};
  kind.params = starReluParams;
  return registerKind(kind);
}

static const bool registered[] = {
    registerPlain("relu", "max(0, x).", "", pointwise::Relu),
    registerPlain("gelu", "x times the normal distribution function, by the error function.", "arXiv:1606.08415",
                  pointwise::Gelu),
    registerPlain("gelu_tanh", "GELU by its tanh approximation.", "arXiv:1606.08415", pointwise::Gelu),
    registerPlain("squared_relu", "max(0, x)^2.", "arXiv:2109.08668", pointwise::SquaredRelu),
    registerPlain("silu", "x times its logistic function.", "arXiv:1702.03118", pointwise::Silu),
    registerPlain("hardswish", "x * min(max(x + 3, 0), 6) / 6.", "arXiv:1905.02244", pointwise::Hardswish),
    registerPlain("identity", "x itself.", "", 0),
    registerStarRelu()};

} // namespace archc::spec
