//===- PointwiseTest.cpp - Accuracy of elementwise steps ------------------===//

#include "test/passes/LowerCpu/KernelHarness.h"

#include <cmath>

using namespace archc::cpu;
using namespace archc::cpu::testing;

namespace {

struct Activation {
  const char *op;
  double (*exact)(double);
  double tolerance; // times the larger of |exact| and 1e-30, plus `absolute`
  double absolute;
};

// x Phi(x) cancels where Phi is small: there the error is a few ulp of x, as with any f32 erf.
const Activation activations[] = {
    {"mf.relu", [](double x) { return std::max(x, 0.0); }, 0, 0},
    {"mf.squared_relu", [](double x) { return std::pow(std::max(x, 0.0), 2); }, 1.2e-7, 0},
    {"mf.gelu", [](double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); }, 2.5e-7, 2e-7},
    {"mf.gelu_tanh", [](double x) { return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))); }, 5e-7,
     5e-7},
    {"mf.silu", [](double x) { return x / (1 + std::exp(-x)); }, 4e-7, 0},
    {"mf.hardswish", [](double x) { return x * std::min(std::max(x + 3, 0.0), 6.0) / 6; }, 3e-7, 1e-7},
};

class PointwiseTest : public KernelTest {};

TEST_P(PointwiseTest, activationsAreAccurate) {
  const int64_t count = 40000;
  CpuTarget cpu = target();
  int64_t channels = cpu.panelWidth();
  std::vector<KernelDescription> kernels;
  for (const Activation &activation : activations) {
    RowsKernel kernel;
    kernel.rowBlock = 64 * cpu.tileRows;
    kernel.segments = {
        {LoadRows{Place::rows(0, channels), channels}, {{{activation.op, {Source::value()}}}, {{1, Place::rows(1, channels)}}}}};
    kernels.push_back({activation.op, kernel});
  }
  Program program(GetParam(), kernels);
  int64_t rows = count / channels;
  Buffer input(rows * channels);
  for (int64_t i = 0; i < input.size(); ++i) // from -40 to 40, denser near zero
    input[i] = static_cast<float>(40 * std::pow(2.0 * i / (input.size() - 1) - 1, 3));
  for (const Activation &activation : activations) {
    Buffer output(rows * channels);
    program.run(activation.op, {input.data(), output.data()}, 1, 0, rows);
    double worst = 0;
    for (int64_t i = 0; i < input.size(); ++i) {
      double exact = activation.exact(input[i]);
      double allowed = activation.tolerance * std::max(std::fabs(exact), 1e-30) + activation.absolute;
      double error = std::fabs(output[i] - exact);
      ASSERT_LE(error, allowed) << activation.op << "(" << input[i] << ") = " << output[i] << ", expected " << exact;
      worst = std::max(worst, error);
    }
    RecordProperty(activation.op, std::to_string(worst));
    input[3] = NAN;
    program.run(activation.op, {input.data(), output.data()}, 1, 0, rows);
    EXPECT_TRUE(std::isnan(output[3])) << activation.op << " hides a NaN";
    input[3] = 0;
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, PointwiseTest, ::testing::ValuesIn(runnableTargets()),
                         [](const auto &info) { return "v" + std::to_string(info.index); });

} // namespace
