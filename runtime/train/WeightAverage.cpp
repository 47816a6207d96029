#include "runtime/train/WeightAverage.h"

#include <algorithm>

namespace archrt::train {

double averageDecay(const AverageOptions &options, int64_t update) {
  if (update <= 1)
    return 0;
  double t = double(update);
  return options.warmup ? std::min(options.decay, (1 + t) / (10 + t)) : options.decay;
}

void updateAverage(const TensorPieces &pieces, ThreadPool &pool, const TensorPointers &average, const TensorPointers &params,
                   double decay) {
  const float weight = float(1 - decay), rest = 1 - weight;
  pieces.forEach(pool, [&](const TensorPieces::Piece &piece) {
    float *__restrict to = average[piece.tensor] + piece.begin;
    const float *__restrict from = params[piece.tensor] + piece.begin;
    if (weight < 0.5f)
      for (int64_t i = 0; i < piece.size; ++i)
        to[i] = to[i] + weight * (from[i] - to[i]);
    else
      for (int64_t i = 0; i < piece.size; ++i)
        to[i] = from[i] - (from[i] - to[i]) * rest;
  });
}

} // namespace archrt::train
