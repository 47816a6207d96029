// mf.cross_entropy, mf.bce and their gradients: logits and soft targets are [N, K].

#include "runtime/reference/Arithmetic.h"
#include "runtime/reference/OpDefinition.h"

#include <algorithm>
#include <cmath>

namespace archrt::reference {
namespace {

/// One image.
template <typename T> struct Row {
  const T *logits, *targets;
  int64_t classes;

  template <typename Term> T sum(const Term &term) const { return pairwiseSum<T>(0, classes, term); }
};

struct CrossEntropy {
  template <typename T> static T logSumExp(const Row<T> &row) {
    T largest = *std::max_element(row.logits, row.logits + row.classes);
    return largest + std::log(row.sum([&](int64_t k) { return std::exp(row.logits[k] - largest); }));
  }
  template <typename T> static T loss(const Row<T> &row) {
    T normalizer = logSumExp(row);
    return row.sum([&](int64_t k) { return row.targets[k] * (normalizer - row.logits[k]); });
  }
  template <typename T> static void gradient(const Row<T> &row, T *result) {
    T normalizer = logSumExp(row), total = row.sum([&](int64_t k) { return row.targets[k]; });
    for (int64_t k = 0; k < row.classes; ++k)
      result[k] = std::exp(row.logits[k] - normalizer) * total - row.targets[k];
  }
};

struct Bce {
  template <typename T> static T loss(const Row<T> &row) {
    return row.sum([&](int64_t k) {
      T logit = row.logits[k];
      return std::max(logit, T(0)) - logit * row.targets[k] + std::log1p(std::exp(-std::abs(logit)));
    }) / T(row.classes);
  }
  template <typename T> static void gradient(const Row<T> &row, T *result) {
    for (int64_t k = 0; k < row.classes; ++k)
      result[k] = (T(1) / (T(1) + std::exp(-row.logits[k])) - row.targets[k]) / T(row.classes);
  }
};

template <typename T> bool checkOperands(OpCall<T> &call) {
  const Tensor<T> &logits = call.activation(0), &targets = call.activation(1);
  return call.ok() && call.expectRank(logits, 2) &&
         call.expect(logits.shape == targets.shape,
                     "logits have shape " + toString(logits.shape) + ", targets " + toString(targets.shape));
}

template <typename T> Row<T> rowOf(OpCall<T> &call, int64_t image) {
  int64_t classes = call.required(0).channels();
  return {call.required(0).data.data() + image * classes, call.required(1).data.data() + image * classes, classes};
}

template <typename Function> struct Loss {
  template <typename T> static void evaluate(OpCall<T> &call) {
    if (!checkOperands(call) || !call.allocate({call.required(0).shape[0], 1}))
      return;
    for (int64_t image = 0; image < call.result.size(); ++image)
      call.result.data[image] = Function::loss(rowOf(call, image));
  }
};

template <typename Function> struct LossGradient {
  template <typename T> static void evaluate(OpCall<T> &call) {
    if (!checkOperands(call) || !call.allocate(call.required(0).shape))
      return;
    for (int64_t image = 0; image < call.result.shape[0]; ++image)
      Function::gradient(rowOf(call, image), call.result.data.data() + image * call.result.channels());
  }
};

const bool registered = registerOp<Loss<CrossEntropy>>("mf.cross_entropy") && registerOp<Loss<Bce>>("mf.bce") &&
                        registerOp<LossGradient<CrossEntropy>>("mf.cross_entropy_grad") &&
                        registerOp<LossGradient<Bce>>("mf.bce_grad");

} // namespace
} // namespace archrt::reference
