#include "tools/driver/FmaPeak.h"

#include "runtime/device/cpu/HostIsa.h"

#include <algorithm>
#include <chrono>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

using namespace archrt;

namespace archc::driver {

static double secondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

#if defined(__x86_64__)
// Twelve chains hide the latency of 4 to 5 cycles on two units. The empty asm keeps them in registers and the loop as it is.
#define ARCHC_KEEP(prefix)                                                                                                       \
  asm volatile("" : "+" prefix(a), "+" prefix(b), "+" prefix(c), "+" prefix(d), "+" prefix(e), "+" prefix(f));                   \
  asm volatile("" : "+" prefix(g), "+" prefix(h), "+" prefix(i), "+" prefix(j), "+" prefix(k), "+" prefix(l))
#define ARCHC_CHAINS(step) step(a) step(b) step(c) step(d) step(e) step(f) step(g) step(h) step(i) step(j) step(k) step(l)

__attribute__((target("avx2,fma"))) static float loopAvx2(int64_t rounds) {
  const __m256 x = _mm256_set1_ps(0.999f), y = _mm256_set1_ps(0.001f);
  __m256 a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
#define ARCHC_STEP(chain) chain = _mm256_fmadd_ps(chain, x, y);
  for (int64_t round = 0; round < rounds; ++round) {
    ARCHC_CHAINS(ARCHC_STEP)
    ARCHC_KEEP("x");
  }
#undef ARCHC_STEP
  __m256 sum = _mm256_setzero_ps();
#define ARCHC_STEP(chain) sum = _mm256_add_ps(sum, chain);
  ARCHC_CHAINS(ARCHC_STEP)
#undef ARCHC_STEP
  return _mm256_cvtss_f32(sum);
}

__attribute__((target("avx512f"))) static float loopAvx512(int64_t rounds) {
  const __m512 x = _mm512_set1_ps(0.999f), y = _mm512_set1_ps(0.001f);
  __m512 a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
#define ARCHC_STEP(chain) chain = _mm512_fmadd_ps(chain, x, y);
  for (int64_t round = 0; round < rounds; ++round) {
    ARCHC_CHAINS(ARCHC_STEP)
    ARCHC_KEEP("v");
  }
#undef ARCHC_STEP
  __m512 sum = _mm512_setzero_ps();
#define ARCHC_STEP(chain) sum = _mm512_add_ps(sum, chain);
  ARCHC_CHAINS(ARCHC_STEP)
#undef ARCHC_STEP
  return _mm512_cvtss_f32(sum);
}
#undef ARCHC_CHAINS
#undef ARCHC_KEEP

double measureFmaPeak(ThreadPool &pool) {
  auto level = hostIsaLevel();
  if (!level || *level < IsaLevel::V3)
    return 0;
  bool wide = *level >= IsaLevel::V4;
  constexpr int64_t rounds = 2'000'000, chains = 12;
  double flopsPerThread = 2.0 * (wide ? 16 : 8) * chains * rounds, best = 0;
  std::vector<float> sinks(pool.threads());
  for (int repeat = 0; repeat < 12; ++repeat) {
    auto start = std::chrono::steady_clock::now();
    pool.parallelFor(pool.threads(), 1,
                     [&](int64_t, int64_t, int worker) { sinks[worker] = wide ? loopAvx512(rounds) : loopAvx2(rounds); });
    best = std::max(best, pool.threads() * flopsPerThread / secondsSince(start));
  }
  return best * 1e-9;
}
#else
double measureFmaPeak(ThreadPool &) { return 0; }
#endif

double measureRegion(ThreadPool &pool) {
  constexpr int samples = 201, regions = 100;
  std::vector<double> seconds(samples);
  auto lock = pool.lock();
  for (double &sample : seconds) {
    auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < regions; ++i)
      pool.parallelFor(pool.threads(), 1, [](int64_t, int64_t, int) {});
    sample = secondsSince(start) / regions;
  }
  std::nth_element(seconds.begin(), seconds.begin() + samples / 2, seconds.end());
  return seconds[samples / 2];
}

} // namespace archc::driver
