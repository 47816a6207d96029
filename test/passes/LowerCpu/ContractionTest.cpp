//===- ContractionTest.cpp - Rows kernels: GEMM, norms, chains ------------===//

#include "test/passes/LowerCpu/KernelHarness.h"

#include <cmath>

using namespace archc::cpu;
using namespace archc::cpu::testing;

namespace {

// ---- Naive definitions -------------------------------------------------------------------------------------------------

/// y[r][n] = sum_k x[r][k] w[n][k] + b[n]
std::vector<double> linear(const std::vector<double> &x, const std::vector<double> &w, const std::vector<double> &b, int64_t k,
                           int64_t n) {
  int64_t rows = x.size() / k;
  std::vector<double> y(rows * n);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t j = 0; j < n; ++j) {
      double sum = b.empty() ? 0 : b[j];
      for (int64_t i = 0; i < k; ++i)
        sum += x[r * k + i] * w[j * k + i];
      y[r * n + j] = sum;
    }
  return y;
}

std::vector<double> layerNorm(const std::vector<double> &x, int64_t c, double eps, bool rms) {
  std::vector<double> y(x.size());
  for (size_t r = 0; r < x.size() / c; ++r) {
    double mean = 0, variance = 0;
    for (int64_t i = 0; i < c && !rms; ++i)
      mean += x[r * c + i] / c;
    for (int64_t i = 0; i < c; ++i)
      variance += std::pow(x[r * c + i] - mean, 2) / c;
    for (int64_t i = 0; i < c; ++i)
      y[r * c + i] = (x[r * c + i] - mean) / std::sqrt(variance + eps);
  }
  return y;
}

double starRelu(double x) { return 0.8944 * std::pow(std::max(x, 0.0), 2) - 0.4472; }

// ---- The kernel: LN -> fc1 -> StarReLU -> fc2 -> scale -> add -------------------------------------------------------------

struct Mlp {
  int64_t channels, hidden, height, width, rowBlock;

  KernelDescription describe(const CpuTarget &target, bool rms = false) const {
    int64_t stride = target.padToPanel(channels);
    RowsKernel kernel;
    kernel.height = height;
    kernel.width = width;
    kernel.rowBlock = rowBlock;
    kernel.scratch = {{true, channels}, {true, hidden}};
    Chain affine{{{"mf.fma", {Source::value(), Source::channel(2), Source::channel(3)}}}, {{1, Place::blocked(0)}}};
    kernel.segments.push_back({NormalizeRows{Place::rows(0, stride), channels, 1e-6, rms}, affine});
    Chain activation{{{"mf.add", {Source::value(), Source::channel(5)}},
                      {"mf.star_relu", {Source::value(1), Source::constant(0.8944), Source::constant(-0.4472)}}},
                     {{2, Place::blocked(1)}}};
    kernel.segments.push_back({Contract{Place::blocked(0), channels, hidden, 4}, activation});
    Chain residual{{{"mf.scale", {Source::value(), Source::channel(7)}},
                    {"mf.fma", {Source::same(Place::rows(0, stride)), Source::scalar(8), Source::value(1)}}},
                   {{2, Place::rows(1, stride)}}};
    kernel.segments.push_back({Contract{Place::blocked(1), hidden, channels, 6}, residual});
    return {"mlp", kernel};
  }
};

KernelDescription packLinear(const std::string &name, int64_t n, int64_t k) {
  PackPanelsKernel pack;
  pack.weight = {0, n, k};
  pack.output = 1;
  return {name, pack};
}

class ContractionTest : public KernelTest {};

TEST_P(ContractionTest, fusedMlpAgreesWithDoubleLoops) {
  const Mlp mlp{20, 44, 5, 7, 28};
  const int64_t batch = 3, rows = batch * mlp.height * mlp.width;
  for (bool rms : {false, true}) {
    Program program(GetParam(), {mlp.describe(target(), rms), packLinear("pack1", mlp.hidden, mlp.channels),
                                 packLinear("pack2", mlp.channels, mlp.hidden)});
    const CpuTarget &cpu = program.target();
    int64_t stride = cpu.padToPanel(mlp.channels);
    auto x = randomValues(rows * mlp.channels, 1), gain = randomValues(mlp.channels, 2, 0.5, 1);
    auto shift = randomValues(mlp.channels, 3), w1 = randomValues(mlp.hidden * mlp.channels, 4, 0.3);
    auto b1 = randomValues(mlp.hidden, 5), w2 = randomValues(mlp.channels * mlp.hidden, 6, 0.3);
    auto gamma = randomValues(mlp.channels, 7, 0.3, 0.6);

    std::vector<double> y = layerNorm(x, mlp.channels, 1e-6, rms);
    for (size_t i = 0; i < y.size(); ++i)
      y[i] = y[i] * gain[i % mlp.channels] + shift[i % mlp.channels];
    y = linear(y, w1, b1, mlp.channels, mlp.hidden);
    for (double &value : y)
      value = starRelu(value);
    y = linear(y, w2, {}, mlp.hidden, mlp.channels);
    for (size_t i = 0; i < y.size(); ++i)
      y[i] = x[i] * 0.75 + y[i] * gamma[i % mlp.channels];

    Buffer weight1 = toBuffer(w1), weight2 = toBuffer(w2);
    Buffer panels1(cpu.padToPanel(mlp.hidden) * cpu.padToVector(mlp.channels));
    Buffer panels2(stride * cpu.padToVector(mlp.hidden));
    program.run("pack1", {weight1.data(), panels1.data()}, 1, 0, cpu.padToPanel(mlp.hidden) / cpu.panelWidth());
    program.run("pack2", {weight2.data(), panels2.data()}, 1, 0, stride / cpu.panelWidth());
    Buffer input = Buffer::padded(x, mlp.channels, stride, 7), scale = toBuffer({0.75});
    Buffer g = toBuffer(gain, stride), s = toBuffer(shift, stride), b = toBuffer(b1, cpu.padToPanel(mlp.hidden));
    Buffer gm = toBuffer(gamma, stride);
    auto run = [&](const std::vector<int64_t> &cuts) {
      Buffer output(rows * stride);
      for (size_t i = 0; i + 1 < cuts.size(); ++i)
        program.run(
            "mlp",
            {input.data(), output.data(), g.data(), s.data(), panels1.data(), b.data(), panels2.data(), gm.data(), scale.data()},
            batch, cuts[i], cuts[i + 1]);
      return output;
    };
    Buffer whole = run({0, rows});
    EXPECT_LT(largestError(whole.dense(rows, mlp.channels, stride), y), 2e-5);
    for (int64_t i = 0; i < whole.size(); ++i)
      ASSERT_TRUE(std::isfinite(whole[i])) << "padding lane " << i;
    // Every cut gives other tile variants; bits must not change.
    std::vector<int64_t> single;
    for (int64_t r = 0; r <= rows; ++r)
      single.push_back(r);
    EXPECT_TRUE(run(single) == whole);
    EXPECT_TRUE(run({0, 2, 5, 10, 16, 23, 31, 40, 50, 61, 73, 86, 100, rows}) == whole);
  }
}

TEST_P(ContractionTest, panelsOfOneContractionCanBeSplit) {
  const int64_t channels = 13, outputs = 75, batch = 3;
  CpuTarget cpu = target();
  int64_t stride = cpu.padToPanel(channels), panels = cpu.padToPanel(outputs) / cpu.panelWidth();
  RowsKernel kernel;
  kernel.axis = RowsAxis::Panels;
  kernel.rowBlock = cpu.tileRows;
  kernel.scratch = {{true, channels}};
  kernel.segments.push_back({LoadRows{Place::rows(0, stride), channels}, {{}, {{0, Place::blocked(0)}}}});
  Chain chain{{{"mf.add", {Source::value(), Source::channel(2)}}}, {{1, Place::dense(3)}}};
  kernel.segments.push_back({Contract{Place::blocked(0), channels, outputs, 1}, chain});
  Program program(GetParam(), {{"head", kernel}, packLinear("pack", outputs, channels)});

  auto x = randomValues(batch * channels, 1), w = randomValues(outputs * channels, 2), b = randomValues(outputs, 3);
  Buffer input = Buffer::padded(x, channels, stride, 3), weight = toBuffer(w), bias = toBuffer(b, cpu.padToPanel(outputs));
  Buffer packed(panels * cpu.panelWidth() * cpu.padToVector(channels)), output(batch * outputs);
  program.run("pack", {weight.data(), packed.data()}, 1, 0, panels);
  for (int64_t panel = panels; panel-- > 0;)
    program.run("head", {input.data(), packed.data(), bias.data(), output.data()}, batch, panel, panel + 1);
  EXPECT_LT(largestError(output.dense(batch, outputs, outputs), linear(x, w, b, channels, outputs)), 1e-5);
  EXPECT_TRUE(std::isnan(output.data()[output.size()])) << "wrote beyond dense rows";
}

TEST_P(ContractionTest, compilesToTheSameBytes) {
  const Mlp mlp{20, 44, 5, 7, 28};
  Program first(GetParam(), {mlp.describe(target())}), second(GetParam(), {mlp.describe(target())});
  EXPECT_EQ(first.code(), second.code());
}

INSTANTIATE_TEST_SUITE_P(Targets, ContractionTest, ::testing::ValuesIn(runnableTargets()),
                         [](const auto &info) { return "v" + std::to_string(info.index); });

} // namespace
