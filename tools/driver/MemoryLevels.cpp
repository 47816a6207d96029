#include "tools/driver/MemoryLevels.h"

#include "runtime/core/AlignedBuffer.h"
#include "runtime/device/cpu/HostIsa.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fstream>
#include <map>
#include <sched.h>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

using namespace archrt;

namespace archc::driver {

static std::string firstWord(const std::string &path) {
  std::string word;
  std::ifstream(path) >> word;
  return word;
}

/// "1024K" -> 1048576.
static int64_t bytesOf(const std::string &size) {
  int64_t number = std::atoll(size.c_str());
  return number * (size.find('M') != std::string::npos ? 1 << 20 : size.find('K') != std::string::npos ? 1 << 10 : 1);
}

/// Caches of `level` of the first CPUs, each counted once however many of them share it.
static int64_t cacheBytes(int level, const std::vector<int> &cpus, const std::string &root) {
  std::map<std::string, int64_t> caches; // by the CPUs that share it
  for (int cpu : cpus) {
    std::string folder = concat(root, "/sys/devices/system/cpu/cpu", cpu, "/cache/index");
    for (int index = 0; index < 8; ++index) {
      std::string cache = concat(folder, index, "/");
      if (firstWord(cache + "level") == std::to_string(level) && firstWord(cache + "type") != "Instruction")
        caches[firstWord(cache + "shared_cpu_list")] = bytesOf(firstWord(cache + "size"));
    }
  }
  int64_t total = 0;
  for (const auto &[sharers, bytes] : caches)
    total += bytes;
  return total;
}

CacheSizes cacheSizes(int threads, const std::string &root) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
    CPU_SET(0, &allowed);
  std::vector<int> cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE && static_cast<int>(cpus.size()) < threads; ++cpu)
    if (CPU_ISSET(cpu, &allowed))
      cpus.push_back(cpu);
  CacheSizes sizes = {cacheBytes(2, cpus, root), cacheBytes(3, cpus, root)};
  if (sizes.level2 == 0)
    sizes.level2 = int64_t(threads) << 20;
  if (sizes.level3 == 0)
    sizes.level3 = int64_t(32) << 20;
  return sizes;
}

#if defined(__x86_64__)
/// The sums go nowhere; the empty asm keeps the loads.
__attribute__((target("avx2"))) static void readAvx2(const uint8_t *from, const uint8_t *end) {
  __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
  for (; from < end; from += 256)
    for (int line = 0; line < 256; line += 128) {
      const auto *vectors = reinterpret_cast<const __m256i *>(from + line);
      a = _mm256_or_si256(a, _mm256_load_si256(vectors));
      b = _mm256_or_si256(b, _mm256_load_si256(vectors + 1));
      c = _mm256_or_si256(c, _mm256_load_si256(vectors + 2));
      d = _mm256_or_si256(d, _mm256_load_si256(vectors + 3));
    }
  asm volatile("" : "+x"(a), "+x"(b), "+x"(c), "+x"(d));
}

__attribute__((target("avx512f"))) static void readAvx512(const uint8_t *from, const uint8_t *end) {
  __m512i a = _mm512_setzero_si512(), b = a, c = a, d = a;
  for (; from < end; from += 256) {
    a = _mm512_or_si512(a, _mm512_load_si512(from));
    b = _mm512_or_si512(b, _mm512_load_si512(from + 64));
    c = _mm512_or_si512(c, _mm512_load_si512(from + 128));
    d = _mm512_or_si512(d, _mm512_load_si512(from + 192));
  }
  asm volatile("" : "+v"(a), "+v"(b), "+v"(c), "+v"(d));
}

static void readPiece(ByteView piece) {
  std::optional<IsaLevel> host = hostIsaLevel();
  const uint8_t *end = piece.data + piece.size;
  if (host && *host >= IsaLevel::V4)
    return readAvx512(piece.data, end);
  if (host && *host >= IsaLevel::V3)
    return readAvx2(piece.data, end);
#else
static void readPiece(ByteView piece) {
  const uint8_t *end = piece.data + piece.size;
#endif
  uint64_t sum = 0, word;
  for (const uint8_t *from = piece.data; from < end; from += sizeof(word)) {
    std::memcpy(&word, from, sizeof(word));
    sum |= word;
  }
  asm volatile("" : "+r"(sum));
}

namespace {
/// A piece of memory for every thread, read over and over.
struct ReadLoop {
  ThreadPool &pool;
  ByteView memory;
  size_t pieceBytes;

  double bytesPerSecond(double seconds) {
    using Clock = std::chrono::steady_clock;
    int64_t rounds = std::max<int64_t>(1, (int64_t(8) << 20) / static_cast<int64_t>(pieceBytes));
    double best = 0;
    auto begin = Clock::now();
    for (int repeat = 0; repeat < 3 || std::chrono::duration<double>(Clock::now() - begin).count() < seconds; ++repeat) {
      auto start = Clock::now();
      pool.parallelFor(pool.threads(), 1, [&](int64_t first, int64_t last, int) {
        for (int64_t piece = first; piece < last; ++piece)
          for (int64_t round = 0; round < rounds; ++round)
            readPiece(memory.slice(piece * pieceBytes, pieceBytes));
      });
      double bytes = static_cast<double>(pieceBytes) * static_cast<double>(rounds * pool.threads());
      best = std::max(best, bytes / std::chrono::duration<double>(Clock::now() - start).count());
    }
    return best;
  }
};
} // namespace

MemoryLevels measureMemoryLevels(ThreadPool &pool) {
  constexpr int64_t line = 256;
  int64_t threads = pool.threads();
  MemoryLevels levels;
  levels.sizes = cacheSizes(pool.threads());
  int64_t beyondCaches = std::clamp<int64_t>(4 * levels.sizes.level3, int64_t(128) << 20, int64_t(1) << 30);
  // Half of a level leaves room for what else lies there; the third level's piece must not fit the second.
  std::array<int64_t, kMemoryLevels> total = {
      levels.sizes.level2 / 2, std::max(levels.sizes.level3 / 2, std::min(levels.sizes.level3, 2 * levels.sizes.level2)),
      beyondCaches};
  auto memory = AlignedBuffer::allocate(beyondCaches);
  if (!memory.ok())
    return levels;
  auto lock = pool.lock();
  pool.parallelFor(beyondCaches, line, [&](int64_t begin, int64_t end, int) {
    std::memset(memory->data() + begin, 1, end - begin); // pages must exist before they are read
  });
  for (int level = 0; level < kMemoryLevels; ++level) {
    auto piece = static_cast<size_t>(std::max(line, total[level] / threads / line * line));
    levels.bytesPerSecond[level] = ReadLoop{pool, memory->bytes(), piece}.bytesPerSecond(/*seconds=*/0.05);
  }
  return levels;
}

} // namespace archc::driver
