//===- Counting.cpp - Parameters and costs that many kinds are made of ----===//

#include "frontend/components/Counting.h"

#include <algorithm>

namespace archc::spec {

constexpr int64_t LargestCount = int64_t(1) << 50;

int64_t product(std::initializer_list<int64_t> factors) {
  int64_t result = 1;
  for (int64_t factor : factors)
    if (__builtin_mul_overflow(result, factor, &result) || result > LargestCount)
      result = LargestCount; // no early exit: a later factor may be zero
  return result;
}

int64_t scaledWidth(double ratio, int64_t width) { return static_cast<int64_t>(ratio * static_cast<double>(width)); }

ParamDecl layerWeight(const std::string &name, std::vector<int64_t> shape) {
  ParamDecl param;
  param.name = name;
  param.shape = std::move(shape);
  param.init = {"trunc_normal", 0.0, 0.02};
  return param;
}

ParamDecl vectorParam(const std::string &name, std::vector<int64_t> shape, double start) {
  ParamDecl param;
  param.name = name;
  param.shape = std::move(shape);
  if (start == 0 || start == 1)
    param.init = {start == 0 ? "zeros" : "ones", 0, 0};
  else
    param.init = {"constant", start, 0};
  param.decay = false;
  return param;
}

void appendLayer(std::vector<ParamDecl> &params, const std::string &name, std::vector<int64_t> shape, bool bias) {
  int64_t outputs = shape.front();
  params.push_back(layerWeight(name + ".weight", std::move(shape)));
  if (bias)
    params.push_back(vectorParam(name + ".bias", {outputs}, 0));
}

void appendNested(std::vector<ParamDecl> &params, const std::string &prefix, const std::vector<ParamDecl> &nested) {
  for (ParamDecl param : nested) {
    param.name = prefix + "." + param.name;
    params.push_back(std::move(param));
  }
}

Cost layerCost(int64_t outputs, int64_t terms, bool bias) {
  Cost cost;
  cost.macs = product({outputs, terms});
  cost.activations = outputs;
  cost.pointwise = bias ? product({outputs, pointwise::Bias}) : 0;
  return cost;
}

Cost pointwiseCost(int64_t elements, int64_t perElement) {
  Cost cost;
  cost.pointwise = product({elements, perElement});
  return cost;
}

void appendNestedProblems(std::vector<Problem> &problems, const std::string &key, const std::vector<Problem> &nested) {
  for (Problem problem : nested) {
    problem.key = key + "." + problem.key;
    problems.push_back(std::move(problem));
  }
}

} // namespace archc::spec
