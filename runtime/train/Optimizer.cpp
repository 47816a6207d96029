#include "runtime/train/Optimizer.h"

#include <cmath>

namespace archrt::train {

Result<std::unique_ptr<Optimizer>> Optimizer::create(const OptimizerOptions &options, const ParamLayout &layout,
                                                     std::vector<TensorRule> rules, ThreadPool &pool) {
  std::unique_ptr<Optimizer> optimizer(new Optimizer(options, layout, std::move(rules), pool));
  ARCHRT_TRY(optimizer->allocate(layout));
  return optimizer;
}

Status Optimizer::allocate(const ParamLayout &layout) {
  bool adaptive = options.kind == OptimizerKind::AdamW || options.kind == OptimizerKind::Lamb;
  names = {options.kind == OptimizerKind::Sgd ? "momentum_buffer" : "exp_avg"};
  if (adaptive)
    names.push_back("exp_avg_sq");
  for (size_t i = 0; i < names.size(); ++i) {
    ARCHRT_ASSIGN(AlignedBuffer arena, AlignedBuffer::allocate(static_cast<size_t>(layout.total) * sizeof(float)));
    arenas.push_back(std::move(arena));
  }
  first = pointersInto(moment(0), layout);
  if (adaptive)
    second = pointersInto(moment(1), layout);
  return {};
}

void Optimizer::step(const UpdateArgs &args) {
  switch (options.kind) {
  case OptimizerKind::AdamW:
    return stepAdamW(args);
  case OptimizerKind::Lamb:
    return stepLamb(args);
  case OptimizerKind::Sgd:
    return stepSgd(args);
  case OptimizerKind::Lion:
    return stepLion(args);
  }
}

namespace {
/// The numbers of Adam's moments, rounded to f32 as PyTorch does with its scalars.
struct AdamNumbers {
  float beta2, oneMinus1, oneMinus2, correction1, root2, eps;

  AdamNumbers(const OptimizerOptions &options, int64_t update)
      : beta2(float(options.beta2)), oneMinus1(float(1 - options.beta1)), oneMinus2(float(1 - options.beta2)),
        correction1(float(1 - std::pow(options.beta1, double(update)))),
        root2(float(std::sqrt(1 - std::pow(options.beta2, double(update))))), eps(float(options.eps)) {}
};
} // namespace

void Optimizer::stepAdamW(const UpdateArgs &args) {
  const AdamNumbers n(options, args.update);
  double correction = 1 - std::pow(options.beta1, double(args.update));
  pieces.forEach(pool, [&](const TensorPieces::Piece &piece) {
    const TensorRule &rule = rules[piece.tensor];
    if (rule.frozen)
      return;
    double rate = args.rate * rule.rateScale;
    float shrink = float(1 - rate * rule.decay), size = float(-rate / correction);
    float *__restrict p = args.params[piece.tensor] + piece.begin, *__restrict m = first[piece.tensor] + piece.begin;
    float *__restrict v = second[piece.tensor] + piece.begin;
    const float *__restrict g = args.gradients[piece.tensor] + piece.begin;
    for (int64_t i = 0; i < piece.size; ++i) {
      m[i] = m[i] + n.oneMinus1 * (g[i] - m[i]);
      v[i] = v[i] * n.beta2 + n.oneMinus2 * g[i] * g[i];
      float denominator = std::sqrt(v[i]) / n.root2 + n.eps;
      p[i] = p[i] * shrink + size * m[i] / denominator;
    }
  });
}

float Optimizer::lambClip(const UpdateArgs &args) const {
  if (options.maxNorm <= 0)
    return 1;
  std::vector<double> squares = pieces.sumPerTensor(pool, [&](const TensorPieces::Piece &piece) {
    return rules[piece.tensor].frozen ? 0.0 : sumOfSquares(args.gradients[piece.tensor] + piece.begin, piece.size);
  });
  double sum = 0;
  for (double square : squares)
    sum += square;
  double ratio = std::sqrt(sum) / options.maxNorm;
  return ratio > 1 ? float(ratio) : 1.0f;
}

void Optimizer::stepLamb(const UpdateArgs &args) {
  const AdamNumbers n(options, args.update);
  const float clip = lambClip(args);
  // The gradient's memory takes the update, whose norm is known only at the end of a tensor.
  std::vector<double> updateSquares = pieces.sumPerTensor(pool, [&](const TensorPieces::Piece &piece) {
    const TensorRule &rule = rules[piece.tensor];
    if (rule.frozen)
      return 0.0;
    float decay = float(rule.decay);
    float *__restrict m = first[piece.tensor] + piece.begin, *__restrict v = second[piece.tensor] + piece.begin;
    float *__restrict u = args.gradients[piece.tensor] + piece.begin;
    const float *__restrict p = args.params[piece.tensor] + piece.begin;
    for (int64_t i = 0; i < piece.size; ++i) {
      float g = u[i] / clip;
      m[i] = m[i] + n.oneMinus1 * (g - m[i]);
      v[i] = v[i] * n.beta2 + n.oneMinus2 * g * g;
      u[i] = (m[i] / n.correction1) / (std::sqrt(v[i]) / n.root2 + n.eps) + decay * p[i];
    }
    return sumOfSquares(u, piece.size);
  });
  std::vector<double> paramSquares = pieces.sumPerTensor(
      pool, [&](const TensorPieces::Piece &piece) { return sumOfSquares(args.params[piece.tensor] + piece.begin, piece.size); });
  pieces.forEach(pool, [&](const TensorPieces::Piece &piece) {
    size_t t = piece.tensor;
    if (rules[t].frozen)
      return;
    bool adapts = rules[t].decay != 0 && paramSquares[t] > 0 && updateSquares[t] > 0;
    float trust = adapts ? float(std::sqrt(paramSquares[t]) / std::sqrt(updateSquares[t])) : 1.0f;
    float rate = float(args.rate * rules[t].rateScale);
    float *__restrict p = args.params[t] + piece.begin;
    const float *__restrict u = args.gradients[t] + piece.begin;
    for (int64_t i = 0; i < piece.size; ++i)
      p[i] = p[i] - rate * (u[i] * trust);
  });
}

void Optimizer::stepSgd(const UpdateArgs &args) {
  const float momentum = float(options.momentum), ahead = options.nesterov ? momentum : 0.0f;
  pieces.forEach(pool, [&](const TensorPieces::Piece &piece) {
    const TensorRule &rule = rules[piece.tensor];
    if (rule.frozen)
      return;
    float rate = float(args.rate * rule.rateScale), decay = float(rule.decay), own = options.nesterov ? 1.0f : 0.0f;
    float past = options.nesterov ? ahead : 1.0f;
    float *__restrict p = args.params[piece.tensor] + piece.begin, *__restrict b = first[piece.tensor] + piece.begin;
    const float *__restrict g = args.gradients[piece.tensor] + piece.begin;
    for (int64_t i = 0; i < piece.size; ++i) {
      float gradient = g[i] + decay * p[i];
      b[i] = b[i] * momentum + gradient;
      p[i] = p[i] - rate * (own * gradient + past * b[i]);
    }
  });
}

void Optimizer::stepLion(const UpdateArgs &args) {
  const float oneMinus1 = float(1 - options.beta1), oneMinus2 = float(1 - options.beta2);
  pieces.forEach(pool, [&](const TensorPieces::Piece &piece) {
    const TensorRule &rule = rules[piece.tensor];
    if (rule.frozen)
      return;
    double exactRate = args.rate * rule.rateScale;
    float rate = float(exactRate), shrink = float(1 - exactRate * rule.decay);
    float *__restrict p = args.params[piece.tensor] + piece.begin, *__restrict m = first[piece.tensor] + piece.begin;
    const float *__restrict g = args.gradients[piece.tensor] + piece.begin;
    for (int64_t i = 0; i < piece.size; ++i) {
      float direction = m[i] + oneMinus1 * (g[i] - m[i]);
      float sign = direction > 0 ? 1.0f : direction < 0 ? -1.0f : 0.0f;
      p[i] = p[i] * shrink - rate * sign;
      m[i] = m[i] + oneMinus2 * (g[i] - m[i]);
    }
  });
}

} // namespace archrt::train
