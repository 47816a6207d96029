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
    {"mf.step", [](double x) { return x > 0 ? 1.0 : 0.0; }, 0, 0},
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
    if (activation.op == std::string("mf.step"))
      continue; // a comparison has no NaN to give
    input[3] = NAN;
    program.run(activation.op, {input.data(), output.data()}, 1, 0, rows);
    EXPECT_TRUE(std::isnan(output[3])) << activation.op << " hides a NaN";
    input[3] = 0;
  }
}

/// dy * f'(x), f' by central differences of the exact activation.
TEST_P(PointwiseTest, gradientsOfActivationsAreAccurate) {
  CpuTarget cpu = target();
  const int64_t channels = cpu.panelWidth(), rows = 4000 / channels;
  std::vector<KernelDescription> kernels;
  for (const char *op : {"mf.gelu", "mf.gelu_tanh", "mf.silu", "mf.hardswish"}) {
    RowsKernel kernel;
    kernel.rowBlock = 64 * cpu.tileRows;
    Chain chain{{{std::string(op) + "_grad", {Source::value(), Source::constant(-1.5)}}}, {{1, Place::rows(1, channels)}}};
    kernel.segments = {{LoadRows{Place::rows(0, channels), channels}, chain}};
    kernels.push_back({op, kernel});
  }
  Program program(GetParam(), kernels);
  Buffer input(rows * channels);
  for (int64_t i = 0; i < input.size(); ++i)
    input[i] = static_cast<float>(40 * std::pow(2.0 * i / (input.size() - 1) - 1, 3));
  for (const KernelDescription &kernel : kernels) {
    const Activation *activation = activations;
    while (activation->op != kernel.name)
      ++activation;
    Buffer output(rows * channels);
    program.run(kernel.name, {input.data(), output.data()}, 1, 0, rows);
    for (int64_t i = 0; i < input.size(); ++i) {
      const double x = input[i], h = 1e-5;
      if (std::fabs(std::fabs(x) - 3) < 2 * h)
        continue; // hardswish has corners
      double exact = -1.5 * (activation->exact(x + h) - activation->exact(x - h)) / (2 * h);
      ASSERT_NEAR(output[i], exact, 1e-6 * (1 + std::fabs(exact))) << kernel.name << "'(" << x << ")";
    }
    input[3] = NAN;
    program.run(kernel.name, {input.data(), output.data()}, 1, 0, rows);
    EXPECT_TRUE(std::isnan(output[3])) << kernel.name << " hides a NaN";
    input[3] = 0;
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, PointwiseTest, ::testing::ValuesIn(runnableTargets()),
                         [](const auto &info) { return "v" + std::to_string(info.index); });

} // namespace
