#include "runtime/train/HeadDropout.h"

#include "runtime/core/CounterRandom.h"

namespace archrt::train {

int64_t headDropoutFeatures(const abi::Model &model) {
  const abi::Function *grad = findGraph(model, "grad");
  size_t others = grad && hasDropPath(*grad) ? 3 : 2; // images, targets, factors of branches
  if (!grad || sizeOf(grad->inputs()) <= others)
    return 0;
  uint32_t value = grad->inputs()->Get(static_cast<uint32_t>(others));
  return grad->values()->Get(value)->shape()->Get(1)->constant();
}

void drawHeadDropout(const HeadDropout &dropout, const DropPathDraw &draw, int64_t count, float *factors) {
  CounterRandom random(draw.seed, concat("head_dropout.", draw.update));
  const float kept = static_cast<float>(1 / (1 - dropout.rate));
  uint64_t first = static_cast<uint64_t>(draw.first * dropout.features);
  for (int64_t i = 0; i < count * dropout.features; ++i)
    factors[i] = random.uniform(first + static_cast<uint64_t>(i)) < dropout.rate ? 0.0f : kept;
}

} // namespace archrt::train
