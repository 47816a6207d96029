//===- KernelHarness.h - Compiles and runs kernel descriptions ------------===//

#ifndef ARCHC_TEST_PASSES_LOWERCPU_KERNELHARNESS_H
#define ARCHC_TEST_PASSES_LOWERCPU_KERNELHARNESS_H

#include "passes/Kernels/KernelDescription.h"
#include "passes/LowerCpu/CpuTarget.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace archc::cpu::testing {

/// Floats at a 64-byte boundary, filled with NaN; a test that reads what nobody wrote fails.
class Buffer {
public:
  explicit Buffer(int64_t floats = 0);
  static Buffer random(int64_t floats, unsigned seed, double scale = 1, double centre = 0);
  /// [rows][channels] as rows `stride` apart, the padding filled with `filler`.
  static Buffer padded(const std::vector<double> &dense, int64_t channels, int64_t stride, float filler);

  float *data() { return pointer; }
  const float *data() const { return pointer; }
  int64_t size() const { return count; }
  float &operator[](int64_t i) { return pointer[i]; }
  float operator[](int64_t i) const { return pointer[i]; }
  /// Rows `stride` apart back to [rows][channels].
  std::vector<double> dense(int64_t rows, int64_t channels, int64_t stride) const;
  bool operator==(const Buffer &other) const { return count == other.count && !std::memcmp(pointer, other.pointer, 4 * count); }

private:
  std::shared_ptr<float> storage; // copies share the storage
  float *pointer = nullptr;
  int64_t count = 0;
};

/// Values that f32 represents, in [centre - scale, centre + scale].
std::vector<double> randomValues(int64_t count, unsigned seed, double scale = 1, double centre = 0);
Buffer toBuffer(const std::vector<double> &values, int64_t padTo = 0);

/// One module of kernels, compiled and mapped.
class Program {
public:
  Program(const std::string &target, std::vector<KernelDescription> kernels);
  ~Program();
  Program(const Program &) = delete;

  const CpuTarget &target() const { return cpuTarget; }
  const std::vector<char> &code() const { return bytes; }
  /// Calls `kernel` for [begin, end); its scratch is NaN before the call and guarded behind.
  void run(const std::string &kernel, const std::vector<void *> &buffers, int64_t batch, int64_t begin, int64_t end) const;

private:
  CpuTarget cpuTarget;
  std::vector<KernelDescription> kernels;
  std::vector<char> bytes;
  std::map<std::string, void *> functions;
  void *mapping = nullptr;
  size_t mappedBytes = 0;
};

/// The targets that this host can run: both vector lengths always, AVX-512 code where there is AVX-512.
std::vector<std::string> runnableTargets();

/// Largest |a - b| / (1 + |b|).
double largestError(const std::vector<double> &a, const std::vector<double> &b);

class KernelTest : public ::testing::TestWithParam<std::string> {
protected:
  CpuTarget target() const { return *findCpuTarget(GetParam()); }
};

} // namespace archc::cpu::testing

#endif // ARCHC_TEST_PASSES_LOWERCPU_KERNELHARNESS_H
