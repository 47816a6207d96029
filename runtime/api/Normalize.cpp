#include "runtime/api/Normalize.h"

namespace archrt {

void transposeToNhwc(const float *in, float *out, int64_t count, const ImageShape &shape, ThreadPool &pool) {
  int64_t plane = shape.height * shape.width;
  pool.parallelFor(count * shape.height, /*grain=*/8, [&](int64_t begin, int64_t end, int) {
    for (int64_t row = begin; row < end; ++row) {
      int64_t image = row / shape.height, y = row % shape.height;
      const float *from = in + image * shape.elements() + y * shape.width;
      float *to = out + image * shape.elements() + y * shape.width * shape.channels;
      for (int64_t x = 0; x < shape.width; ++x)
        for (int64_t c = 0; c < shape.channels; ++c)
          *to++ = from[c * plane + x];
    }
  });
}

void normalizePixels(const uint8_t *in, float *out, int64_t pixels, const PixelStatistics &statistics, ThreadPool &pool) {
  const float *mean = statistics.mean.data(), *std = statistics.std.data();
  int64_t channels = static_cast<int64_t>(statistics.mean.size());
  pool.parallelFor(pixels, /*grain=*/4096, [&](int64_t begin, int64_t end, int) {
    for (int64_t pixel = begin; pixel < end; ++pixel)
      for (int64_t c = 0; c < channels; ++c) {
        float value = static_cast<float>(in[pixel * channels + c]) / 255.0f;
        out[pixel * channels + c] = (value - mean[c]) / std[c];
      }
  });
}

} // namespace archrt
