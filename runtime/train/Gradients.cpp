#include "runtime/train/Gradients.h"

#include <algorithm>
#include <cmath>

namespace archrt::train {

double globalNorm(const std::vector<double> &norms) {
  double sum = 0;
  for (double norm : norms)
    sum += norm * norm;
  return std::sqrt(sum);
}

void Gradients::accumulate(const TensorPointers &sum, const TensorPointers &part) const {
  pieces.forEach(pool, [&](const TensorPieces::Piece &piece) {
    float *__restrict to = sum[piece.tensor] + piece.begin;
    const float *__restrict from = part[piece.tensor] + piece.begin;
    for (int64_t i = 0; i < piece.size; ++i)
      to[i] += from[i];
  });
}

std::vector<double> Gradients::scale(const TensorPointers &gradients, float factor) const {
  std::vector<double> norms = pieces.sumPerTensor(pool, [&](const TensorPieces::Piece &piece) {
    if (rules[piece.tensor].frozen)
      return 0.0;
    float *__restrict g = gradients[piece.tensor] + piece.begin;
    for (int64_t i = 0; i < piece.size; ++i)
      g[i] *= factor;
    return sumOfSquares(g, piece.size);
  });
  for (double &norm : norms)
    norm = std::sqrt(norm);
  return norms;
}

std::optional<size_t> Gradients::firstNotFinite(const TensorPointers &gradients) const {
  std::vector<double> counts = pieces.sumPerTensor(pool, [&](const TensorPieces::Piece &piece) {
    if (rules[piece.tensor].frozen)
      return 0.0;
    const float *begin = gradients[piece.tensor] + piece.begin;
    return double(std::count_if(begin, begin + piece.size, [](float x) { return !std::isfinite(x); }));
  });
  auto found = std::find_if(counts.begin(), counts.end(), [](double count) { return count > 0; });
  return found == counts.end() ? std::nullopt : std::optional<size_t>(found - counts.begin());
}

/// One row of adaptive clipping: at most limit * max(|p|, 1e-3).
static void clipUnit(const float *p, float *g, int64_t size, double limit) {
  double largest = std::max(std::sqrt(sumOfSquares(p, size)), 1e-3) * limit, norm = std::sqrt(sumOfSquares(g, size));
  if (norm < largest)
    return;
  float factor = float(largest / std::max(norm, 1e-6));
  for (int64_t i = 0; i < size; ++i)
    g[i] *= factor;
}

void Gradients::clip(const ClipOptions &options, const TensorPointers &params, const TensorPointers &gradients,
                     const std::vector<double> &norms) const {
  if (options.kind == ClipKind::Agc) {
    pieces.forEachTensor(pool, [&](size_t tensor, int64_t size) {
      if (!rules[tensor].adaptiveClip || rules[tensor].frozen)
        return;
      int64_t unit = size / rules[tensor].units;
      for (int64_t begin = 0; begin < size; begin += unit)
        clipUnit(params[tensor] + begin, gradients[tensor] + begin, unit, options.limit);
    });
    return;
  }
  double factor = options.kind == ClipKind::Norm ? options.limit / (globalNorm(norms) + 1e-6) : 1;
  float largest = options.kind == ClipKind::Value ? float(options.limit) : 0;
  if (factor >= 1 && largest == 0)
    return;
  pieces.forEach(pool, [&](const TensorPieces::Piece &piece) {
    float *__restrict g = gradients[piece.tensor] + piece.begin;
    if (largest > 0)
      for (int64_t i = 0; i < piece.size; ++i)
        g[i] = std::min(std::max(g[i], -largest), largest);
    else
      for (int64_t i = 0; i < piece.size; ++i)
        g[i] *= float(factor);
  });
}

void Gradients::ascend(SharpnessKind kind, double rho, const TensorPointers &params, const TensorPointers &gradients,
                       const TensorPointers &out) const {
  bool adaptive = kind == SharpnessKind::Asam;
  std::vector<double> squares = pieces.sumPerTensor(pool, [&](const TensorPieces::Piece &piece) {
    const float *g = gradients[piece.tensor] + piece.begin, *p = params[piece.tensor] + piece.begin;
    if (rules[piece.tensor].frozen)
      return 0.0;
    if (!adaptive)
      return sumOfSquares(g, piece.size);
    double sum = 0;
    for (int64_t i = 0; i < piece.size; ++i)
      sum += double(p[i] * g[i]) * double(p[i] * g[i]);
    return sum;
  });
  double sum = 0;
  for (double square : squares)
    sum += square;
  const float factor = float(rho / (std::sqrt(sum) + 1e-12));
  pieces.forEach(pool, [&](const TensorPieces::Piece &piece) {
    const float *__restrict g = gradients[piece.tensor] + piece.begin, *__restrict p = params[piece.tensor] + piece.begin;
    float *__restrict to = out[piece.tensor] + piece.begin;
    bool frozen = rules[piece.tensor].frozen;
    for (int64_t i = 0; i < piece.size; ++i) {
      float direction = adaptive ? p[i] * p[i] * g[i] : g[i];
      to[i] = frozen ? p[i] : p[i] + factor * direction;
    }
  });
}

} // namespace archrt::train
