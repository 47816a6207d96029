//===- Norms.cpp - Normalisation ------------------------------------------===//

#include "frontend/components/Counting.h"
#include "frontend/components/KeyRows.h"
#include "frontend/components/ProblemCodes.h"

namespace archc::spec {

static bool hasWeight(const Component &norm) { return norm.getString("affine") != "none"; }

/// `weight` and `bias` of `shape`, as far as `affine` wants them.
static std::vector<ParamDecl> affineParams(const Component &norm, const std::vector<int64_t> &shape) {
  std::vector<ParamDecl> params;
  if (hasWeight(norm))
    params.push_back(vectorParam("weight", shape, 1));
  if (norm.getString("affine") == "full")
    params.push_back(vectorParam("bias", shape, 0));
  return params;
}

static std::vector<ParamDecl> channelParams(const Component &norm, const Shape &shape) {
  return affineParams(norm, {shape.channels});
}

static Cost statisticsCost(const Component &norm, const Shape &shape) {
  return pointwiseCost(product({shape.channels, shape.height, shape.width}),
                       hasWeight(norm) ? pointwise::NormAffine : pointwise::NormPlain);
}

static ComponentKind normKind(const std::string &name, const std::string &help, const std::string &source) {
  ComponentKind kind;
  kind.slot = Slot::Norm;
  kind.name = name;
  kind.help = help;
  kind.source = source;
  kind.params = channelParams;
  kind.cost = statisticsCost;
  return kind;
}

static bool registerLayerNorm() {
  ComponentKind kind = normKind("layer_norm", "Mean and variance over the channels of each position.", "arXiv:1607.06450");
  kind.keys = {epsRow(1e-6), affineRow({"full", "scale", "none"}, "full")};
  return registerKind(kind);
}

static bool registerLayerNormChw() {
  ComponentKind kind = normKind("layer_norm_chw",
                                "Mean and variance over channels, height and width of an image, with one weight "
                                "per value: it ties the model to its resolution.",
                                "arXiv:1607.06450");
  kind.keys = {epsRow(1e-6), affineRow({"full", "scale", "none"}, "full")};
  kind.params = [](const Component &norm, const Shape &shape) {
    return affineParams(norm, {shape.channels, shape.height, shape.width});
  };
  return registerKind(kind);
}

static std::vector<Problem> checkGroups(const Component &norm, const Shape &shape) {
  int64_t groups = norm.getInt("groups");
  if (shape.channels % groups == 0)
    return {};
  return {
      {"groups",
       "`groups` is " + std::to_string(groups) + "; expected a divisor of the " + std::to_string(shape.channels) + " channels",
       code::DoesNotDivide}};
}

static bool registerGroupNorm() {
  ComponentKind kind = normKind("group_norm",
                                "Mean and variance over height, width and a group of channels; with one group, the "
                                "modified layer norm of MetaFormer.",
                                "arXiv:1803.08494");
  kind.keys = {integer("groups", "Number of groups the channels are cut into.")
                   .withDefault(intValue(1))
                   .inRange(1, 65536)
                   .withUnit("groups")
                   .withExample("1"),
               epsRow(1e-6), affineRow({"full", "scale", "none"}, "full")};
  kind.check = checkGroups;
  return registerKind(kind);
}

static ParamDecl buffer(const std::string &name, std::vector<int64_t> shape, double start) {
  ParamDecl param = vectorParam(name, std::move(shape), start);
  param.role = ParamRole::Buffer;
  return param;
}

static std::vector<ParamDecl> batchNormParams(const Component &norm, const Shape &shape) {
  std::vector<ParamDecl> params = channelParams(norm, shape);
  params.push_back(buffer("running_mean", {shape.channels}, 0));
  params.push_back(buffer("running_var", {shape.channels}, 1));
  params.push_back(buffer("num_batches_tracked", {}, 0));
  params.back().isInteger = true;
  return params;
}

static bool registerBatchNorm() {
  ComponentKind kind = normKind("batch_norm",
                                "Mean and variance of each channel over the batch in training, their running values "
                                "at inference.",
                                "arXiv:1502.03167");
  kind.keys = {epsRow(1e-5), affineRow({"full", "scale", "none"}, "full"),
               number("momentum", "Weight of the new batch in the running statistics.")
                   .withDefault(floatValue(0.1))
                   .inRange(0, 1)
                   .withExample("0.1")};
  kind.params = batchNormParams;
  kind.cost = [](const Component &norm, const Shape &shape) {
    return pointwiseCost(product({shape.channels, shape.height, shape.width}), pointwise::BatchNorm);
  };
  return registerKind(kind);
}

static bool registerRmsNorm() {
  ComponentKind kind =
      normKind("rms_norm", "Root mean square over the channels of each position; nothing is subtracted.", "arXiv:1910.07467");
  kind.keys = {epsRow(1e-6), affineRow({"scale", "none"}, "scale")};
  kind.cost = [](const Component &norm, const Shape &shape) {
    return pointwiseCost(product({shape.channels, shape.height, shape.width}),
                         hasWeight(norm) ? pointwise::RmsAffine : pointwise::RmsPlain);
  };
  return registerKind(kind);
}

static bool registerNoNorm() {
  ComponentKind kind = normKind("none", "No normalisation.", "");
  kind.params = nullptr;
  kind.cost = nullptr;
  return registerKind(kind);
}

static const bool registered[] = {registerLayerNorm(), registerLayerNormChw(), registerGroupNorm(),
                                  registerBatchNorm(), registerRmsNorm(),      registerNoNorm()};

} // namespace archc::spec
