//===- Initialize.h - Initial values of parameters ------------------------===//
//
// The values of a tensor depend on seed, name, shape and initialiser only, and are the same bits on every host: normal numbers come
// from Wichura's AS 241 inverse of the distribution, with a logarithm and an exponential of our own.
//
//   zeros, ones
//   constant          a
//   uniform           U(a, b)
//   trunc_normal      N(mean a, deviation b), cut at a - 2 and a + 2 (timm's bounds, which are not multiples of b)
//   kaiming_uniform   U(-r, r), r = sqrt(6 / ((1 + a^2) * fan_in)); a = sqrt(5) is PyTorch's default for convolutions and linears
//   softmax_uniform   softmax over the last dimension of U(a, b)
//
// fan_in is the number of elements over the first dimension.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_WEIGHTS_INITIALIZE_H
#define ARCHRT_WEIGHTS_INITIALIZE_H

#include "runtime/core/Status.h"

#include <cstdint>
#include <string>
#include <vector>

namespace archrt {

/// As table Init of the artifact.
struct Initializer {
  std::string kind = "zeros";
  double a = 0, b = 0;
};

/// Fails on an unknown kind or an impossible shape.
Result<std::vector<float>> initialize(uint64_t seed, const std::string &name, const std::vector<int64_t> &shape,
                                      const Initializer &initializer);

} // namespace archrt

#endif // ARCHRT_WEIGHTS_INITIALIZE_H
