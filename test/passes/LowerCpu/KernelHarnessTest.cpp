//===- KernelHarnessTest.cpp - Compiles and runs kernel descriptions ------===//

#include "test/passes/LowerCpu/KernelHarness.h"

#include "passes/Emit/NativeCode.h"
#include "passes/LowerCpu/BuildKernel.h"
#include "runtime/abi/KernelArgs.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include <sys/mman.h>

#include <cmath>
#include <cstdlib>
#include <limits>

namespace archc::cpu::testing {

Buffer::Buffer(int64_t floats) : count(floats) {
  size_t bytes = (4 * floats + 63) / 64 * 64 + 64;
  storage.reset(static_cast<float *>(std::aligned_alloc(64, bytes)), std::free);
  pointer = storage.get();
  std::fill(pointer, pointer + bytes / 4, std::numeric_limits<float>::quiet_NaN());
}

Buffer Buffer::random(int64_t floats, unsigned seed, double scale, double centre) {
  return toBuffer(randomValues(floats, seed, scale, centre));
}

Buffer Buffer::padded(const std::vector<double> &dense, int64_t channels, int64_t stride, float filler) {
  int64_t rows = dense.size() / channels;
  Buffer result(rows * stride);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t c = 0; c < stride; ++c)
      result[row * stride + c] = c < channels ? static_cast<float>(dense[row * channels + c]) : filler;
  return result;
}

std::vector<double> Buffer::dense(int64_t rows, int64_t channels, int64_t stride) const {
  std::vector<double> result;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t c = 0; c < channels; ++c)
      result.push_back(pointer[row * stride + c]);
  return result;
}

std::vector<double> randomValues(int64_t count, unsigned seed, double scale, double centre) {
  uint64_t state = seed * 0x9E3779B97F4A7C15ull + 1;
  std::vector<double> values;
  for (int64_t i = 0; i < count; ++i) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    double unit = static_cast<double>(state >> 40) / (1 << 23) - 1;
    values.push_back(static_cast<float>(centre + scale * unit));
  }
  return values;
}

Buffer toBuffer(const std::vector<double> &values, int64_t padTo) {
  Buffer result(std::max<int64_t>(values.size(), padTo));
  for (int64_t i = 0; i < result.size(); ++i)
    result[i] = i < static_cast<int64_t>(values.size()) ? static_cast<float>(values[i]) : 0.0f;
  return result;
}

Program::Program(const std::string &targetName, std::vector<KernelDescription> described)
    : cpuTarget(*findCpuTarget(targetName)), kernels(std::move(described)) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  mlir::Location location = mlir::UnknownLoc::get(&context);
  mlir::OwningOpRef<mlir::ModuleOp> module = mlir::ModuleOp::create(location);
  for (const KernelDescription &kernel : kernels)
    if (failed(buildKernel(*module, kernel, cpuTarget, location)))
      std::abort();
  NativeOptions options;
  if (const char *file = std::getenv("ARCHC_TEST_ASSEMBLY"))
    options.dumpAssemblyFile = file;
  mlir::FailureOr<NativeCode> native = compileNative(*module, cpuTarget, options);
  if (failed(native))
    std::abort();
  bytes = native->bytes;
  mappedBytes = bytes.size();
  mapping = mmap(nullptr, mappedBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  std::memcpy(mapping, bytes.data(), bytes.size());
  mprotect(mapping, mappedBytes, PROT_READ | PROT_EXEC);
  for (const auto &[name, symbol] : native->symbols)
    functions[name] = static_cast<char *>(mapping) + symbol.offset;
}

Program::~Program() { munmap(mapping, mappedBytes); }

void Program::run(const std::string &kernel, const std::vector<void *> &buffers, int64_t batch, int64_t begin,
                  int64_t end) const {
  const KernelDescription *description = nullptr;
  for (const KernelDescription &candidate : kernels)
    if (candidate.name == kernel)
      description = &candidate;
  ASSERT_TRUE(description && functions.count(kernel)) << kernel;
  int64_t bytes = scratchBytes(*description, cpuTarget);
  Buffer scratch(bytes / 4 + 16);
  archrt_kernel_args arguments{buffers.data(), &batch, scratch.data(), nullptr};
  reinterpret_cast<archrt_kernel_fn>(functions.at(kernel))(&arguments, begin, end);
  for (int64_t i = bytes / 4; i < scratch.size(); ++i)
    ASSERT_TRUE(std::isnan(scratch[i])) << kernel << " wrote beyond its scratch";
}

std::vector<std::string> runnableTargets() {
  std::vector<std::string> targets{"x86-64-v3", "x86-64-v4-on-v3"};
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd"))
    targets.push_back("x86-64-v4");
  return targets;
}

double largestError(const std::vector<double> &a, const std::vector<double> &b) {
  if (a.size() != b.size())
    return std::numeric_limits<double>::infinity();
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    double error = std::fabs(a[i] - b[i]) / (1 + std::fabs(b[i]));
    if (!std::isfinite(error))
      return std::numeric_limits<double>::infinity();
    largest = std::max(largest, error);
  }
  return largest;
}

} // namespace archc::cpu::testing
