//===- RowGradientsTest.cpp - Gradients of rows, images and heads ---------===//

#include "test/passes/LowerCpu/KernelHarness.h"

#include "passes/LowerCpu/BuildKernel.h"

#include <algorithm>
#include <array>
#include <cmath>

using namespace archc::cpu;
using namespace archc::cpu::testing;

namespace {

using Numbers = std::vector<double>;

class RowGradientsTest : public KernelTest {
protected:
  /// Runs a kernel whole and cut at odd places; all must have the same bits and finite padding. `result` is its last operand.
  Buffer runCut(const KernelDescription &kernel, std::vector<void *> buffers, int64_t floats, int64_t batch, int64_t count) {
    Program program(GetParam(), {kernel});
    auto run = [&](const std::vector<int64_t> &cuts) {
      Buffer output(floats);
      std::vector<void *> all = buffers;
      all.push_back(output.data());
      for (size_t i = 0; i + 1 < cuts.size(); ++i)
        program.run(kernel.name, all, batch, cuts[i], cuts[i + 1]);
      EXPECT_TRUE(std::isnan(output.data()[floats])) << "wrote beyond the result";
      return output;
    };
    std::vector<int64_t> single;
    for (int64_t i = 0; i <= count; ++i)
      single.push_back(i);
    Buffer whole = run({0, count});
    EXPECT_TRUE(run(single) == whole);
    EXPECT_TRUE(run({0, count / 3, count}) == whole);
    for (int64_t i = 0; i < whole.size(); ++i)
      EXPECT_TRUE(std::isfinite(whole[i])) << "element " << i;
    return whole;
  }
};

// ---- Norms -------------------------------------------------------------------------------------------------------------

/// Gradient of (x - mean) * rstd for the elements `members` of x; the root of the mean square instead without `centred`.
void normGradient(const Numbers &x, const Numbers &g, const std::vector<int64_t> &members, double eps, bool centred,
                  Numbers &dx) {
  double mean = 0, variance = 0, meanG = 0, correlation = 0, count = members.size();
  for (int64_t i : members)
    mean += centred ? x[i] / count : 0;
  for (int64_t i : members)
    variance += std::pow(x[i] - mean, 2) / count;
  double rstd = 1 / std::sqrt(variance + eps);
  for (int64_t i : members) {
    meanG += centred ? g[i] / count : 0;
    correlation += g[i] * (x[i] - mean) * rstd / count;
  }
  for (int64_t i : members)
    dx[i] = rstd * (g[i] - meanG - (x[i] - mean) * rstd * correlation);
}

TEST_P(RowGradientsTest, normsOverChannels) {
  const int64_t rows = 23;
  CpuTarget cpu = target();
  for (int64_t channels : {5, 19, 64})
    for (bool rms : {false, true}) {
      const int64_t stride = cpu.padToPanel(channels);
      RowsKernel kernel;
      kernel.rowBlock = 6;
      Chain residual{{{"mf.add", {Source::value(), Source::same(Place::rows(1, stride))}}}, {{1, Place::rows(2, stride)}}};
      kernel.segments = {{NormalizeGradRows{Place::rows(0, stride), Place::rows(1, stride), channels, 1e-5, rms}, residual}};
      auto x = randomValues(rows * channels, 1, 1, 3), g = randomValues(rows * channels, 2);
      Numbers expected(x.size());
      for (int64_t row = 0; row < rows; ++row) {
        std::vector<int64_t> members;
        for (int64_t c = 0; c < channels; ++c)
          members.push_back(row * channels + c);
        normGradient(x, g, members, 1e-5, !rms, expected);
      }
      for (size_t i = 0; i < g.size(); ++i)
        expected[i] += g[i];
      Buffer input = Buffer::padded(x, channels, stride, 1e3), gradient = Buffer::padded(g, channels, stride, 1e3);
      Buffer result = runCut({"norm", kernel}, {input.data(), gradient.data()}, rows * stride, rows, rows);
      EXPECT_LT(largestError(result.dense(rows, channels, stride), expected), 3e-6) << channels << rms;
    }
}

TEST_P(RowGradientsTest, normsOverImages) {
  const int64_t batch = 2, height = 11, width = 13, positions = height * width, rows = batch * positions;
  CpuTarget cpu = target();
  for (auto [channels, groups] : {std::pair<int64_t, int64_t>{18, 1}, {18, 3}, {40, 5}}) {
    const int64_t stride = cpu.padToPanel(channels);
    RowsKernel kernel;
    kernel.height = height;
    kernel.width = width;
    kernel.rowBlock = 17;
    kernel.segments = {{ImageNormGrad{Place::rows(0, stride), Place::rows(1, stride), channels, groups, 1e-5},
                        {{}, {{0, Place::rows(2, stride)}}}}};
    auto x = randomValues(rows * channels, 1, 1, 3), g = randomValues(rows * channels, 2);
    Numbers expected(x.size());
    for (int64_t n = 0; n < batch; ++n)
      for (int64_t group = 0; group < groups; ++group) {
        std::vector<int64_t> members;
        for (int64_t p = 0; p < positions; ++p)
          for (int64_t c = group * channels / groups; c < (group + 1) * channels / groups; ++c)
            members.push_back((n * positions + p) * channels + c);
        normGradient(x, g, members, 1e-5, true, expected);
      }
    Buffer input = Buffer::padded(x, channels, stride, 1e3), gradient = Buffer::padded(g, channels, stride, 1e3);
    Buffer result = runCut({"norm", kernel}, {input.data(), gradient.data()}, rows * stride, batch, rows);
    EXPECT_LT(largestError(result.dense(rows, channels, stride), expected), 3e-6) << channels << " in " << groups;
  }
}

/// Images of one row are normalised inside their block.
TEST_P(RowGradientsTest, normsOverPooledImages) {
  const int64_t rows = 11, channels = 18, groups = 3;
  CpuTarget cpu = target();
  const int64_t stride = cpu.padToPanel(channels);
  RowsKernel kernel;
  kernel.rowBlock = 4;
  kernel.scratch = {{false, channels}};
  kernel.segments = {{LoadRows{Place::rows(0, stride), channels}, {{}, {{0, Place::scratchRows(0)}}}},
                     {ImageNormGrad{Place::scratchRows(0), Place::rows(1, stride), channels, groups, 1e-5},
                      {{}, {{0, Place::rows(2, stride)}}}}};
  auto x = randomValues(rows * channels, 1), g = randomValues(rows * channels, 2);
  Numbers expected(x.size());
  for (int64_t i = 0; i < rows * groups; ++i) {
    std::vector<int64_t> members;
    for (int64_t c = 0; c < channels / groups; ++c)
      members.push_back(i * channels / groups + c);
    normGradient(x, g, members, 1e-5, true, expected);
  }
  Buffer input = Buffer::padded(x, channels, stride, 1e3), gradient = Buffer::padded(g, channels, stride, 1e3);
  Buffer result = runCut({"norm", kernel}, {input.data(), gradient.data()}, rows * stride, rows, rows);
  EXPECT_LT(largestError(result.dense(rows, channels, stride), expected), 3e-6);
}

// ---- Pooling, factors of images ------------------------------------------------------------------------------------------

TEST_P(RowGradientsTest, adjointPoolMix) {
  const int64_t batch = 2, channels = 19;
  CpuTarget cpu = target();
  const int64_t stride = cpu.padToPanel(channels);
  for (auto [height, width, size] : {std::array<int64_t, 3>{6, 5, 3}, {4, 7, 5}, {1, 2, 3}}) {
    RowsKernel kernel;
    kernel.axis = RowsAxis::Lines;
    kernel.height = height;
    kernel.width = width;
    kernel.rowBlock = 2 * width;
    kernel.segments = {{PoolMix{Place::rows(0, stride), channels, size, true}, {{}, {{0, Place::rows(1, stride)}}}}};
    const int64_t rows = batch * height * width, reach = size / 2;
    auto dy = randomValues(rows * channels, 1);
    Numbers expected(dy.size());
    for (int64_t i = 0; i < rows; ++i) { // spread each centre over its window
      int64_t y = i / width % height, x = i % width, count = 0;
      for (int pass = 0; pass < 2; ++pass)
        for (int64_t v = std::max<int64_t>(0, y - reach); v <= std::min(height - 1, y + reach); ++v)
          for (int64_t u = std::max<int64_t>(0, x - reach); u <= std::min(width - 1, x + reach); ++u) {
            count += pass == 0;
            for (int64_t c = 0; pass == 1 && c < channels; ++c)
              expected[(i + (v - y) * width + u - x) * channels + c] += dy[i * channels + c] / count;
          }
      for (int64_t c = 0; c < channels; ++c)
        expected[i * channels + c] -= dy[i * channels + c];
    }
    Buffer input = Buffer::padded(dy, channels, stride, 3);
    Buffer result = runCut({"pool", kernel}, {input.data()}, rows * stride, batch, batch * height);
    EXPECT_LT(largestError(result.dense(rows, channels, stride), expected), 1e-6) << height << "x" << width;
  }
}

TEST_P(RowGradientsTest, imagesAreSpreadAndScaled) {
  const int64_t batch = 5, height = 3, width = 4, channels = 21, sites = 3, rows = batch * height * width;
  CpuTarget cpu = target();
  const int64_t stride = cpu.padToPanel(channels);
  RowsKernel kernel;
  kernel.height = height;
  kernel.width = width;
  kernel.rowBlock = 7; // blocks reach over images
  Chain chain{{{"mf.scale", {Source::value(), Source::constant(0.25)}},
               {"mf.scale", {Source::value(1), Source::imageScalar(1, sites, 2)}},
               {"mf.fma", {Source::value(1), Source::imageScalar(1, sites, 0), Source::value(2)}}},
              {{3, Place::rows(2, stride)}}};
  kernel.segments = {{SpreadImages{Place::rows(0, stride), channels}, chain}};
  auto dy = randomValues(batch * channels, 1), factors = randomValues(batch * sites, 2);
  Numbers expected;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t c = 0; c < channels; ++c) {
      int64_t n = row / (height * width);
      expected.push_back(dy[n * channels + c] * 0.25 * (factors[n * sites] + factors[n * sites + 2]));
    }
  Buffer input = Buffer::padded(dy, channels, stride, 3), perImage = toBuffer(factors);
  Buffer result = runCut({"spread", kernel}, {input.data(), perImage.data()}, rows * stride, batch, rows);
  EXPECT_LT(largestError(result.dense(rows, channels, stride), expected), 3e-7);
}

// ---- Strided convolutions ------------------------------------------------------------------------------------------------

struct Strided {
  int64_t batch, height, width, inputs, outputs, kernel[2], stride[2], padding[2];
  int64_t out(int axis) const { return ((axis ? width : height) + 2 * padding[axis] - kernel[axis]) / stride[axis] + 1; }
};

/// dx += w^T dy at every window.
Numbers inputGradient(const Strided &s, const Numbers &w, const Numbers &dy) {
  Numbers dx(s.batch * s.height * s.width * s.inputs);
  const int64_t area = s.kernel[0] * s.kernel[1];
  for (int64_t i = 0; i < s.batch * s.out(0) * s.out(1); ++i)
    for (int64_t tap = 0; tap < area; ++tap) {
      int64_t y = i / s.out(1) % s.out(0) * s.stride[0] + tap / s.kernel[1] - s.padding[0];
      int64_t x = i % s.out(1) * s.stride[1] + tap % s.kernel[1] - s.padding[1];
      if (y < 0 || y >= s.height || x < 0 || x >= s.width)
        continue;
      int64_t row = (i / (s.out(0) * s.out(1)) * s.height + y) * s.width + x;
      for (int64_t o = 0; o < s.outputs; ++o)
        for (int64_t c = 0; c < s.inputs; ++c)
          dx[row * s.inputs + c] += w[(o * s.inputs + c) * area + tap] * dy[i * s.outputs + o];
    }
  return dx;
}

TEST_P(RowGradientsTest, stridedConvolutions) {
  CpuTarget cpu = target();
  for (const Strided &s : {Strided{2, 8, 10, 19, 13, {3, 3}, {2, 2}, {1, 1}}, Strided{1, 9, 7, 8, 40, {2, 3}, {2, 3}, {0, 1}},
                           Strided{3, 11, 5, 21, 16, {7, 3}, {4, 1}, {2, 1}}, Strided{2, 6, 6, 5, 9, {2, 2}, {3, 3}, {0, 0}}}) {
    const int64_t inStride = cpu.padToPanel(s.inputs), outStride = cpu.padToPanel(s.outputs), rows = s.batch * s.height * s.width;
    PackPanelsKernel pack;
    pack.weight = {0, s.inputs, s.outputs, s.kernel[0], s.kernel[1], 1, /*adjoint=*/true};
    pack.byTap = true;
    pack.output = 1;
    RowsKernel kernel;
    kernel.axis = RowsAxis::Lines;
    kernel.height = s.height;
    kernel.width = s.width;
    kernel.rowBlock = 3 * s.width;
    kernel.scratch = {{false, s.inputs}};
    TransposedWindows transposed{Place::rows(0, outStride),
                                 s.out(0),
                                 s.out(1),
                                 s.outputs,
                                 s.kernel[0],
                                 s.kernel[1],
                                 s.stride[0],
                                 s.stride[1],
                                 s.padding[0],
                                 s.padding[1],
                                 s.inputs,
                                 1,
                                 0};
    Chain twice{{{"mf.scale", {Source::value(), Source::constant(2)}}}, {{1, Place::rows(2, inStride)}}};
    kernel.segments = {{transposed, {}}, {LoadRows{Place::scratchRows(0), s.inputs}, twice}};
    Program packing(GetParam(), {{"pack", pack}});
    const int64_t area = s.kernel[0] * s.kernel[1];
    auto w = randomValues(s.outputs * s.inputs * area, 1), dy = randomValues(s.batch * s.out(0) * s.out(1) * s.outputs, 2);
    Buffer weight = toBuffer(w), panels(tapPanelBytes(cpu, s.inputs, s.outputs, area) / 4);
    packing.run("pack", {weight.data(), panels.data()}, 1, 0, *resultIterations({"pack", pack}, cpu));
    Numbers expected = inputGradient(s, w, dy);
    for (double &value : expected)
      value *= 2;
    Buffer input = Buffer::padded(dy, s.outputs, outStride, 1e4);
    Buffer result = runCut({"transposed", kernel}, {input.data(), panels.data()}, rows * inStride, s.batch, s.batch * s.height);
    EXPECT_LT(largestError(result.dense(rows, s.inputs, inStride), expected), 3e-6) << s.height << "x" << s.width;
  }
}

/// Packing the adjoint of a weight gives the bits of packing the weight that its adjoint is.
TEST_P(RowGradientsTest, adjointWeightsArePacked) {
  CpuTarget cpu = target();
  for (auto [outputs, inputs, taps] : {std::array<int64_t, 3>{19, 37, 1}, {64, 40, 1}, {5, 9, 6}}) {
    const int64_t height = taps == 1 ? 1 : 2, width = taps / height;
    auto w = randomValues(outputs * inputs * taps, 1);
    Numbers turned(w.size());
    for (int64_t o = 0; o < outputs; ++o)
      for (int64_t i = 0; i < inputs; ++i)
        for (int64_t t = 0; t < taps; ++t)
          turned[(i * outputs + o) * taps + taps - 1 - t] = w[(o * inputs + i) * taps + t];
    PackPanelsKernel adjoint{{0, inputs, outputs, height, width, 1, true}, {}, false, 1}, plain = adjoint, scaled;
    plain.weight.adjoint = false;
    scaled = plain;
    scaled.scale = {Factor::constant(1)}; // the general way
    Program program(GetParam(), {{"adjoint", adjoint}, {"plain", plain}, {"scaled", scaled}});
    const int64_t floats = panelBytes(cpu, inputs, outputs * taps) / 4, panels = cpu.padToPanel(inputs) / cpu.panelWidth();
    Buffer a(floats), b(floats), c(floats), from = toBuffer(w), to = toBuffer(turned);
    program.run("adjoint", {from.data(), a.data()}, 1, 0, panels);
    program.run("plain", {to.data(), b.data()}, 1, 0, panels);
    program.run("scaled", {to.data(), c.data()}, 1, 0, panels);
    EXPECT_TRUE(a == b && b == c) << outputs << " " << inputs << " " << taps;
  }
  PackTapsKernel taps{5, 6, 0, {}, 1, false}, turnedTaps = taps;
  PackMatrixKernel matrix{7, 0, {}, 1, false}, turnedMatrix = matrix;
  turnedTaps.adjoint = turnedMatrix.adjoint = true;
  Program program(GetParam(), {{"taps", taps}, {"turned_taps", turnedTaps}, {"matrix", matrix}, {"turned_matrix", turnedMatrix}});
  auto same = [&](const char *name, const Numbers &x, const std::string &turnedName, const Numbers &y, int64_t floats) {
    Buffer a(floats), b(floats), from = toBuffer(x), to = toBuffer(y);
    program.run(turnedName, {from.data(), a.data()}, 1, 0, 1);
    program.run(name, {to.data(), b.data()}, 1, 0, 1);
    EXPECT_TRUE(a == b) << name;
  };
  auto t = randomValues(30, 1), m = randomValues(49, 2);
  Numbers u(30), v(49);
  for (int64_t i = 0; i < 30; ++i)
    u[i / 6 * 6 + 5 - i % 6] = t[i];
  for (int64_t i = 0; i < 49; ++i)
    v[i % 7 * 7 + i / 7] = m[i];
  same("taps", t, "turned_taps", u, tapBytes(cpu, 5, 6) / 4);
  same("matrix", m, "turned_matrix", v, blockedMatrixBytes(cpu, 7) / 4);
}

TEST_P(RowGradientsTest, sumsOfLines) {
  const int64_t batch = 2, height = 4, width = 7, rows = batch * height * width;
  CpuTarget cpu = target();
  for (int64_t channels : {19, 150})
    for (bool product : {false, true}) {
      const int64_t stride = cpu.padToPanel(channels);
      RowsKernel kernel;
      kernel.axis = RowsAxis::Lines;
      kernel.height = height;
      kernel.width = width;
      kernel.rowBlock = 3 * width;
      kernel.scratch = {{false, channels}};
      Chain twice{{{"mf.add", {Source::value(), Source::value()}}}, {{1, Place::scratchRows(0)}}};
      LineSums sums{Place::scratchRows(0), std::nullopt, channels, 2};
      if (product)
        sums.other = Place::rows(1, stride);
      kernel.segments = {{LoadRows{Place::rows(0, stride), channels}, twice}, {sums, {}}};
      auto x = randomValues(rows * channels, 1), other = randomValues(rows * channels, 2);
      Numbers expected(batch * height * channels);
      for (int64_t i = 0; i < rows * channels; ++i)
        expected[i / channels / width * channels + i % channels] += 2 * x[i] * (product ? other[i] : 1);
      Buffer a = Buffer::padded(x, channels, stride, 3), b = Buffer::padded(other, channels, stride, 3);
      Buffer result = runCut({"sums", kernel}, {a.data(), b.data()}, batch * height * stride, batch, batch * height);
      EXPECT_LT(largestError(result.dense(batch * height, channels, stride), expected), 1e-6) << channels << product;
    }
}

// ---- Losses ------------------------------------------------------------------------------------------------------------

struct Loss {
  LossRows::Kind kind;
  int64_t classes;
  double scale;

  double value(const double *l, const double *t) const {
    double loss = 0, largest = *std::max_element(l, l + classes), sum = 0;
    for (int64_t k = 0; k < classes; ++k)
      sum += std::exp(l[k] - largest);
    for (int64_t k = 0; k < classes; ++k)
      loss += kind == LossRows::CrossEntropy
                  ? t[k] * (std::log(sum) + largest - l[k])
                  : (std::max(l[k], 0.0) - l[k] * t[k] + std::log1p(std::exp(-std::fabs(l[k])))) / classes;
    return loss;
  }

  double slope(const double *l, const double *t, int64_t k) const {
    if (kind == LossRows::Binary)
      return (1 / (1 + std::exp(-l[k])) - t[k]) / classes;
    double sum = 0, targets = 0;
    for (int64_t j = 0; j < classes; ++j) {
      sum += std::exp(l[j] - l[k]);
      targets += t[j];
    }
    return targets / sum - t[k];
  }
};

TEST_P(RowGradientsTest, losses) {
  const int64_t batch = 9;
  CpuTarget cpu = target();
  for (LossRows::Kind kind : {LossRows::CrossEntropy, LossRows::Binary})
    for (const Loss &loss : {Loss{kind, 10, 2}, Loss{kind, 37, 30}, Loss{kind, 1, 1}, Loss{kind, 1000, 5}})
      for (bool gradient : {false, true}) {
        const int64_t k = loss.classes, channels = gradient ? k : 1, stride = cpu.padToPanel(channels);
        RowsKernel kernel;
        kernel.rowBlock = 4;
        Place output = gradient ? Place::rows(2, stride) : Place::dense(2);
        kernel.segments = {
            {LossRows{kind, Place::rows(0, cpu.padToPanel(k)), Place::dense(1), k, gradient}, {{}, {{0, output}}}}};
        auto logits = randomValues(batch * k, 1, loss.scale), targets = randomValues(batch * k, 2, 0.5, 0.5);
        Numbers expected;
        for (int64_t n = 0; n < batch; ++n)
          for (int64_t c = 0; c < channels; ++c)
            expected.push_back(gradient ? loss.slope(&logits[n * k], &targets[n * k], c)
                                        : loss.value(&logits[n * k], &targets[n * k]));
        Buffer input = Buffer::padded(logits, k, cpu.padToPanel(k), 1e4), soft = toBuffer(targets);
        Buffer result = runCut({"loss", kernel}, {input.data(), soft.data()}, batch * (gradient ? stride : 1), batch, batch);
        for (int64_t i = 0; i < batch * stride && gradient; ++i)
          EXPECT_TRUE(i % stride < k || result[i] == 0) << "padding is no zero";
        EXPECT_LT(largestError(result.dense(batch, channels, gradient ? stride : 1), expected), 1e-6)
            << kind << " of " << k << gradient;
      }
}

// ---- Attention ---------------------------------------------------------------------------------------------------------

struct Heads {
  int64_t batch, tokens, heads, headDim;
  double scale;
  int64_t inner() const { return heads * headDim; }
};

/// One head of one image. Rows of qkv and dqkv are 3 * inner wide, rows of dout inner.
void headGradient(const Heads &h, const double *qkv, const double *dout, double *dqkv) {
  const int64_t inner = h.inner(), width = 3 * inner;
  for (int64_t i = 0; i < h.tokens; ++i) {
    Numbers p(h.tokens), dp(h.tokens);
    double largest = -1e300, sum = 0, mean = 0;
    for (int64_t j = 0; j < h.tokens; ++j) {
      for (int64_t d = 0; d < h.headDim; ++d) {
        p[j] += h.scale * qkv[i * width + d] * qkv[j * width + inner + d];
        dp[j] += dout[i * inner + d] * qkv[j * width + 2 * inner + d];
      }
      largest = std::max(largest, p[j]);
    }
    for (double &value : p)
      sum += value = std::exp(value - largest);
    for (int64_t j = 0; j < h.tokens; ++j)
      mean += (p[j] /= sum) * dp[j];
    for (int64_t j = 0; j < h.tokens; ++j)
      for (int64_t d = 0; d < h.headDim; ++d) {
        double ds = h.scale * p[j] * (dp[j] - mean);
        dqkv[i * width + d] += ds * qkv[j * width + inner + d];
        dqkv[j * width + inner + d] += ds * qkv[i * width + d];
        dqkv[j * width + 2 * inner + d] += p[j] * dout[i * inner + d];
      }
  }
}

TEST_P(RowGradientsTest, attention) {
  CpuTarget cpu = target();
  for (const Heads &h : {Heads{2, 49, 3, 32, 0.3}, Heads{1, 37, 2, 5, 0.7}, Heads{2, 200, 1, 20, 0.2}, Heads{1, 1, 1, 64, 1}}) {
    const int64_t inner = h.inner(), rows = h.batch * h.tokens;
    AttentionGradKernel kernel;
    kernel.qkvStride = cpu.padToPanel(3 * inner);
    kernel.gradientStride = cpu.padToPanel(inner);
    kernel.tokens = h.tokens;
    kernel.heads = h.heads;
    kernel.headDim = h.headDim;
    kernel.scale = h.scale;
    auto qkv = randomValues(rows * 3 * inner, 1, 2), dout = randomValues(rows * inner, 2);
    Numbers expected(qkv.size());
    for (int64_t n = 0; n < h.batch; ++n)
      for (int64_t head = 0; head < h.heads; ++head) {
        int64_t start = n * h.tokens * inner + head * h.headDim, wide = 3 * n * h.tokens * inner + head * h.headDim;
        headGradient(h, &qkv[wide], &dout[start], &expected[wide]);
      }
    Buffer input = Buffer::padded(qkv, 3 * inner, kernel.qkvStride, 9),
           gradient = Buffer::padded(dout, inner, kernel.gradientStride, 9);
    Buffer result =
        runCut({"attention", kernel}, {input.data(), gradient.data()}, rows * kernel.qkvStride, h.batch, h.batch * h.heads);
    EXPECT_LT(largestError(result.dense(rows, 3 * inner, kernel.qkvStride), expected), 1e-5)
        << h.tokens << " tokens of " << h.headDim;
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, RowGradientsTest, ::testing::ValuesIn(runnableTargets()),
                         [](const auto &info) { return "v" + std::to_string(info.index); });

} // namespace
