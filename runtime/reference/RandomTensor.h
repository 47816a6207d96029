//===- RandomTensor.h - Parameters and inputs made from a counter ---------===//
//
// Default initialisation hides wrong folds (scales of one, biases of zero, attention near uniform), so tests and `archc verify` fill
// every parameter with numbers that are neither. Element `index` of tensor `name` is, in exact arithmetic,
//
//   (center + r) / 2^20    with r uniform in {-width, ..., width}   and   |center| + width < 2^24,
//
// so that it is an f32 without rounding, and the Python twin (tools/dev/archc_random.py) makes the same bits. With the bits of
// CounterRandom(seed, name),
//
//   r = ((bits(index) >> 32) * (2 * width + 1) >> 32) - width
//
// `index` counts in canonical (timm) layout. `center` and `width` follow from the name and shape of a parameter; "owner" is the part
// of the name before the last dot, and the first row that fits counts (numbers are center +- width, before the scaling by 2^20):
//
//   running_mean                                0 +- 0.25
//   running_var                                 1 +- 0.5
//   *norm*.weight                               0.625 +- 0.3125
//   *norm*.bias                                 0.125 +- 0.25
//   *act*.bias                                  -0.1875 +- 0.0625   never zero; StarReLU's mean is then near zero
//   *.bias                                      0 +- 0.25
//   *.scale                                     0.625 +- 0.25       StarReLU, LayerScale, ResScale
//   qkv.weight                                  0 +- sqrt(3 * 10 / fan_in)     so that attention is far from uniform
//   proj.weight                                 0 +- sqrt(3 / 1024 / fan_in)   so that it stays so, block after block
//   *.weight and random_matrix, rank >= 2       0 +- sqrt(3 / fan_in)          fan_in = elements / shape[0]; variance 1 / fan_in
//   anything else (position embeddings)         0 +- 2
//
// Square roots are integer square roots of 3 * gain * 2^40 / fan_in (rounded down twice), so that they are the same everywhere.
// Attention that averages over all tokens makes them equal, and equal tokens make the next attention uniform; positive means of
// activations do the same; attention that is too sharp makes the model chaotic. With these numbers the entropy in all 12 attentions of
// CAFormer-S18 is about a third of the uniform, and float32 is off by 1e-5 of the largest logit.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_REFERENCE_RANDOMTENSOR_H
#define ARCHRT_REFERENCE_RANDOMTENSOR_H

#include "runtime/reference/Tensor.h"

namespace archrt::reference {

/// Numbers (center + r) / 2^20 with |r| <= width.
struct RandomRule {
  int64_t center = 0, width = 0;
};

RandomRule ruleOfParameter(const std::string &name, const Shape &shape);

/// Element `index` of the tensor with this name.
float randomValue(uint64_t seed, const std::string &name, uint64_t index, RandomRule rule);

/// A whole parameter in canonical layout.
std::vector<float> randomParameter(uint64_t seed, const std::string &name, const Shape &shape);

/// Images [batch,height,width,channels] of numbers 0 +- 2, named "input"; elements are counted in [image,channel,row,column] order,
/// starting at image `firstImage`, so that an image is the same in every batch.
std::vector<float> randomImages(uint64_t seed, int64_t firstImage, const Shape &shape);

} // namespace archrt::reference

#endif // ARCHRT_REFERENCE_RANDOMTENSOR_H
