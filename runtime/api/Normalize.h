//===- Normalize.h - Input tensors become what devices read ---------------===//

#ifndef ARCHRT_API_NORMALIZE_H
#define ARCHRT_API_NORMALIZE_H

#include "runtime/core/ThreadPool.h"

#include <cstdint>
#include <vector>

namespace archrt {

struct ImageShape {
  int64_t channels = 0, height = 0, width = 0;
  int64_t elements() const { return channels * height * width; }
};

/// One number per channel each.
struct PixelStatistics {
  std::vector<float> mean, std;
};

/// [count, C, H, W] -> [count, H, W, C].
void transposeToNhwc(const float *in, float *out, int64_t count, const ImageShape &shape, ThreadPool &pool);

/// (x / 255 - mean) / std with each operation rounded to f32, as torchvision does it: equal pixels give equal bits.
void normalizePixels(const uint8_t *in, float *out, int64_t pixels, const PixelStatistics &statistics, ThreadPool &pool);

} // namespace archrt

#endif // ARCHRT_API_NORMALIZE_H
