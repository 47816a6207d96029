//===- Replay.cpp - Runs a fuzz target without a fuzzer -------------------===//
//
// What `make test` does with a fuzz target, where the compiler has no fuzzer of its own: each seed as it is, then RUNS changed copies of
// the seeds, the same ones in every run.
//
//     spec-fuzz RUNS SEED_FILE...
//
//===----------------------------------------------------------------------===//

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

namespace {
/// SplitMix64: small, and the same everywhere.
class Random {
public:
  uint64_t next() {
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  size_t below(size_t limit) { return limit ? size_t(next() % limit) : 0; }

private:
  uint64_t state = 1;
};

void changeOnce(std::string &bytes, const std::string &other, Random &random) {
  size_t at = random.below(bytes.size()), length = 1 + random.below(16);
  switch (random.below(7)) {
  case 0: // one bit
    if (!bytes.empty())
      bytes[at] = char(bytes[at] ^ (1 << random.below(8)));
    return;
  case 1: // one byte, often one that matters to text or sizes
    if (!bytes.empty())
      bytes[at] = "\0\xff\x7f\x80{}[]\"'=.,-9\n"[random.below(16)];
    return;
  case 2:
    bytes.resize(at);
    return;
  case 3:
    bytes.erase(at, length);
    return;
  case 4:
    bytes.insert(at, bytes.substr(random.below(bytes.size()), length));
    return;
  case 5: // the end of another seed
    bytes = bytes.substr(0, at) + other.substr(random.below(other.size()));
    return;
  default: // a digit, so that numbers grow
    bytes.insert(at, 1, char('0' + random.below(10)));
  }
}

std::string readAll(const char *path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "cannot read `%s`\n", path);
    std::exit(2);
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

void run(const std::string &bytes) {
  // A copy of exactly that size, so that AddressSanitizer sees a read behind the end.
  std::vector<uint8_t> exact(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}
} // namespace

int main(int argc, char **argv) {
  if (argc < 3)
    return std::fprintf(stderr, "usage: %s RUNS SEED_FILE...\n", argv[0]), 2;
  std::vector<std::string> seeds;
  for (int i = 2; i < argc; ++i)
    seeds.push_back(readAll(argv[i]));
  for (const std::string &seed : seeds)
    run(seed);
  Random random;
  int runs = std::atoi(argv[1]);
  for (int i = 0; i < runs; ++i) {
    std::string bytes = seeds[random.below(seeds.size())];
    for (size_t changes = 1 + random.below(4); changes > 0; --changes)
      changeOnce(bytes, seeds[random.below(seeds.size())], random);
    run(bytes);
  }
  std::printf("%zu seeds and %d changed copies survived\n", seeds.size(), runs);
}
