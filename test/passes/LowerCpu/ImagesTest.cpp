//===- ImagesTest.cpp - Statistics, attention and other whole-image work --===//

#include "test/passes/LowerCpu/KernelHarness.h"

#include <cmath>

using namespace archc::cpu;
using namespace archc::cpu::testing;

namespace {

class ImagesTest : public KernelTest {};

/// Line statistics, then (x - mean) * rstd with affine parts per channel and per position.
TEST_P(ImagesTest, imageNormsInGroups) {
  const int64_t batch = 3, height = 5, width = 6, channels = 18, rows = batch * height * width;
  const double eps = 1e-3;
  for (int64_t groups : {1, 3}) {
    CpuTarget cpu = target();
    int64_t stride = cpu.padToPanel(channels);
    RowsKernel lines;
    lines.axis = RowsAxis::Lines;
    lines.height = height;
    lines.width = width;
    lines.rowBlock = 2 * width;
    lines.segments = {{LineStatistics{Place::rows(0, stride), channels, groups, 1}, {}}};
    RowsKernel norm = lines;
    norm.axis = RowsAxis::Rows;
    norm.rowBlock = cpu.tileRows;
    norm.statistics = {{1, groups, channels, eps}};
    Chain chain{{{"mf.normalize", {Source::value(), Source::mean(0), Source::rstd(0)}},
                 {"mf.fma", {Source::value(1), Source::channel(2), Source::position(3, stride)}},
                 {"mf.add", {Source::value(2), Source::rowScalar(4)}}},
                {{3, Place::rows(5, stride)}}};
    norm.segments = {{LoadRows{Place::rows(0, stride), channels}, chain}};
    PackPositionsKernel pack{channels, height * width, stride, 0, 1};
    Program program(GetParam(), {{"lines", lines}, {"norm", norm}, {"pack", pack}});

    auto x = randomValues(rows * channels, 1, 1, 10), gain = randomValues(channels, 2);
    auto map = randomValues(channels * height * width, 3), row = randomValues(height * width, 4);
    std::vector<double> expected(x.size());
    const int64_t perGroup = channels / groups, positions = height * width;
    for (int64_t n = 0; n < batch; ++n)
      for (int64_t g = 0; g < groups; ++g) {
        double mean = 0, variance = 0, count = positions * perGroup;
        auto each = [&](auto apply) {
          for (int64_t p = 0; p < positions; ++p)
            for (int64_t c = g * perGroup; c < (g + 1) * perGroup; ++c)
              apply(p, c, (n * positions + p) * channels + c);
        };
        each([&](int64_t, int64_t, int64_t at) { mean += x[at] / count; });
        each([&](int64_t, int64_t, int64_t at) { variance += std::pow(x[at] - mean, 2) / count; });
        each([&](int64_t p, int64_t c, int64_t at) {
          expected[at] = (x[at] - mean) / std::sqrt(variance + eps) * gain[c] + map[c * positions + p] + row[p];
        });
      }
    Buffer input = Buffer::padded(x, channels, stride, 1e6), statistics(batch * height * groups * 2), g = toBuffer(gain, stride);
    Buffer mapIn = toBuffer(map), packed(positions * stride), rowBias = toBuffer(row);
    program.run("pack", {mapIn.data(), packed.data()}, 1, 0, 1);
    program.run("lines", {input.data(), statistics.data()}, batch, 0, 4);
    program.run("lines", {input.data(), statistics.data()}, batch, 4, batch * height);
    auto run = [&](const std::vector<int64_t> &cuts) {
      Buffer output(rows * stride);
      for (size_t i = 0; i + 1 < cuts.size(); ++i)
        program.run("norm", {input.data(), statistics.data(), g.data(), packed.data(), rowBias.data(), output.data()}, batch,
                    cuts[i], cuts[i + 1]);
      return output;
    };
    Buffer whole = run({0, rows});
    EXPECT_LT(largestError(whole.dense(rows, channels, stride), expected), 1e-5) << groups;
    EXPECT_TRUE(run({0, 1, 17, 33, 64, rows}) == whole);
  }
}

struct Heads {
  int64_t batch, tokens, heads, headDim;
};

std::vector<double> attention(const std::vector<double> &qkv, const Heads &h, double scale) {
  const int64_t inner = h.heads * h.headDim;
  std::vector<double> out(h.batch * h.tokens * inner);
  auto at = [&](int64_t n, int64_t t, int64_t part, int64_t head, int64_t d) {
    return qkv[((n * h.tokens + t) * 3 + part) * inner + head * h.headDim + d];
  };
  for (int64_t n = 0; n < h.batch; ++n)
    for (int64_t head = 0; head < h.heads; ++head)
      for (int64_t q = 0; q < h.tokens; ++q) {
        std::vector<double> score(h.tokens);
        double largest = -1e300, sum = 0;
        for (int64_t k = 0; k < h.tokens; ++k) {
          for (int64_t d = 0; d < h.headDim; ++d)
            score[k] += scale * at(n, q, 0, head, d) * at(n, k, 1, head, d);
          largest = std::max(largest, score[k]);
        }
        for (double &s : score)
          sum += s = std::exp(s - largest);
        for (int64_t k = 0; k < h.tokens; ++k)
          for (int64_t d = 0; d < h.headDim; ++d)
            out[(n * h.tokens + q) * inner + head * h.headDim + d] += score[k] / sum * at(n, k, 2, head, d);
      }
  return out;
}

TEST_P(ImagesTest, attentionOfAnySize) {
  for (const Heads &h : {Heads{2, 49, 3, 32}, Heads{1, 37, 2, 5}, Heads{2, 8, 3, 20}, Heads{1, 1, 1, 64}}) {
    CpuTarget cpu = target();
    const int64_t inner = h.heads * h.headDim, rows = h.batch * h.tokens;
    AttentionKernel kernel;
    kernel.qkvStride = cpu.padToPanel(3 * inner);
    kernel.outputStride = cpu.padToPanel(inner);
    kernel.tokens = h.tokens;
    kernel.heads = h.heads;
    kernel.headDim = h.headDim;
    kernel.scale = 0.7;
    Program program(GetParam(), {{"attention", kernel}});
    auto qkv = randomValues(rows * 3 * inner, 1, 2);
    Buffer input = Buffer::padded(qkv, 3 * inner, kernel.qkvStride, 9), output(rows * kernel.outputStride);
    for (int64_t i = h.batch * h.heads; i-- > 0;)
      program.run("attention", {input.data(), output.data()}, h.batch, i, i + 1);
    EXPECT_LT(largestError(output.dense(rows, inner, kernel.outputStride), attention(qkv, h, kernel.scale)), 1e-5)
        << h.tokens << " tokens of " << h.headDim;
    for (int64_t i = 0; i < output.size(); ++i)
      ASSERT_TRUE(std::isfinite(output[i])) << "padding lane " << i;
    Buffer whole(rows * kernel.outputStride);
    program.run("attention", {input.data(), whole.data()}, h.batch, 0, h.batch * h.heads);
    EXPECT_TRUE(whole == output);
  }
}

TEST_P(ImagesTest, spatialMatmulWithBiasPerPosition) {
  const int64_t batch = 2, height = 5, width = 4, size = height * width, channels = 21, rows = batch * size;
  CpuTarget cpu = target();
  int64_t stride = cpu.padToPanel(channels);
  RowsKernel kernel;
  kernel.height = height;
  kernel.width = width;
  kernel.rowBlock = cpu.tileRows;
  Chain chain{{{"mf.add", {Source::value(), Source::rowScalar(2)}}}, {{1, Place::rows(3, stride)}}};
  kernel.segments = {{SpatialMatmul{1, Place::rows(0, stride), channels}, chain}};
  Program program(GetParam(), {{"spatial", kernel}, {"pack", PackMatrixKernel{size, 0, {}, 1}}});
  auto x = randomValues(rows * channels, 1), m = randomValues(size * size, 2), b = randomValues(size, 3);
  std::vector<double> expected(rows * channels);
  for (int64_t n = 0; n < batch; ++n)
    for (int64_t t = 0; t < size; ++t)
      for (int64_t c = 0; c < channels; ++c) {
        double sum = b[t];
        for (int64_t s = 0; s < size; ++s)
          sum += m[t * size + s] * x[(n * size + s) * channels + c];
        expected[(n * size + t) * channels + c] = sum;
      }
  Buffer input = Buffer::padded(x, channels, stride, 3), matrix = toBuffer(m), packed(size * cpu.padToVector(size));
  Buffer bias = toBuffer(b), whole(rows * stride), cut(rows * stride);
  program.run("pack", {matrix.data(), packed.data()}, 1, 0, 1);
  program.run("spatial", {input.data(), packed.data(), bias.data(), whole.data()}, batch, 0, rows);
  EXPECT_LT(largestError(whole.dense(rows, channels, stride), expected), 1e-5);
  for (int64_t first = 0; first < rows; first += 7)
    program.run("spatial", {input.data(), packed.data(), bias.data(), cut.data()}, batch, first, std::min(first + 7, rows));
  EXPECT_TRUE(cut == whole);
}

TEST_P(ImagesTest, averagePoolThenNorm) {
  const int64_t batch = 3, positions = 11, channels = 19;
  CpuTarget cpu = target();
  int64_t stride = cpu.padToPanel(channels);
  RowsKernel kernel;
  kernel.rowBlock = cpu.tileRows;
  kernel.scratch = {{false, channels}};
  kernel.segments = {{AveragePool{Place::rows(0, stride), positions, channels}, {{}, {{0, Place::scratchRows(0)}}}},
                     {NormalizeRows{Place::scratchRows(0), channels, 1e-6, false}, {{}, {{0, Place::dense(1)}}}}};
  Program program(GetParam(), {{"pool", kernel}});
  auto x = randomValues(batch * positions * channels, 1);
  std::vector<double> expected(batch * channels);
  for (int64_t n = 0; n < batch; ++n) {
    double mean = 0, variance = 0;
    double *row = &expected[n * channels];
    for (int64_t p = 0; p < positions; ++p)
      for (int64_t c = 0; c < channels; ++c)
        row[c] += x[(n * positions + p) * channels + c] / positions;
    for (int64_t c = 0; c < channels; ++c)
      mean += row[c] / channels;
    for (int64_t c = 0; c < channels; ++c)
      variance += std::pow(row[c] - mean, 2) / channels;
    for (int64_t c = 0; c < channels; ++c)
      row[c] = (row[c] - mean) / std::sqrt(variance + 1e-6);
  }
  Buffer input = Buffer::padded(x, channels, stride, 3), output(batch * channels);
  program.run("pool", {input.data(), output.data()}, batch, 1, batch);
  program.run("pool", {input.data(), output.data()}, batch, 0, 1);
  EXPECT_LT(largestError(output.dense(batch, channels, channels), expected), 2e-5);
}

/// One row per image whose channels differ in their last digits only: the rounding of the mean would be 1e-4 of the result.
TEST_P(ImagesTest, normOfAlmostEqualChannels) {
  const int64_t batch = 9, channels = 11;
  CpuTarget cpu = target();
  int64_t stride = cpu.padToPanel(channels);
  RowsKernel kernel;
  kernel.rowBlock = cpu.tileRows;
  kernel.segments = {
      {NormalizeRows{Place::rows(0, stride), channels, 1e-12, /*rms=*/false, /*exactMean=*/true}, {{}, {{0, Place::dense(1)}}}}};
  Program program(GetParam(), {{"norm", kernel}});
  auto x = randomValues(batch * channels, 1, /*scale=*/1.0 / 1024, /*centre=*/0.7);
  std::vector<double> expected = x;
  for (int64_t n = 0; n < batch; ++n) {
    double mean = 0, variance = 0;
    for (int64_t c = 0; c < channels; ++c)
      mean += x[n * channels + c] / channels;
    for (int64_t c = 0; c < channels; ++c)
      variance += std::pow(x[n * channels + c] - mean, 2) / channels;
    for (int64_t c = 0; c < channels; ++c)
      expected[n * channels + c] = (x[n * channels + c] - mean) / std::sqrt(variance + 1e-12);
  }
  Buffer input = Buffer::padded(x, channels, stride, 3), output(batch * channels);
  program.run("norm", {input.data(), output.data()}, batch, 0, batch);
  EXPECT_LT(largestError(output.dense(batch, channels, channels), expected), 1e-6);
}

TEST_P(ImagesTest, bytesAreNormalised) {
  const int64_t channels = 3, positions = 37;
  ConvertInputKernel kernel;
  kernel.channels = channels;
  kernel.scale = {0.5, 0.25, 2};
  kernel.shift = {-1, 0, 3};
  ConvertInputKernel floats = kernel;
  floats.inputIsByte = false;
  Program program(GetParam(), {{"bytes", kernel}, {"floats", floats}});
  std::vector<unsigned char> pixels(positions * channels);
  std::vector<double> expected, values;
  for (size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = static_cast<unsigned char>(37 * i);
    values.push_back(pixels[i]);
    expected.push_back(pixels[i] * kernel.scale[i % 3] + kernel.shift[i % 3]);
  }
  Buffer input = toBuffer(values);
  for (bool bytes : {true, false}) {
    Buffer output(positions * channels);
    void *from = bytes ? static_cast<void *>(pixels.data()) : input.data();
    program.run(bytes ? "bytes" : "floats", {from, output.data()}, 1, 0, 5);
    program.run(bytes ? "bytes" : "floats", {from, output.data()}, 1, 5, positions);
    EXPECT_EQ(output.dense(positions, channels, channels), expected);
  }
}

/// out[n] = g[n] / sqrt(v[n] + eps) * (b[n] - m[n] + sum_k W[n][k] beta[k]) as three terms, repeated.
TEST_P(ImagesTest, foldedVectors) {
  const int64_t size = 5, k = 7, taps = 4;
  const double eps = 1e-2;
  std::vector<Factor> scale{Factor::row(0), Factor::inverseSqrt(Factor::Row, 1, eps)};
  auto with = [&](std::vector<Factor> more) {
    more.insert(more.end(), scale.begin(), scale.end());
    return more;
  };
  Term dot{scale, WeightShape{4, size, k, 2, 2, 1}, {Factor::column(5)}};
  PackVectorKernel kernel{
      2 * size, 16, size, {{with({Factor::row(2)}), {}, {}}, {with({Factor::constant(-1), Factor::row(3)}), {}, {}}, dot}, 6};
  Program program(GetParam(), {{"vector", kernel}});
  auto g = randomValues(size, 1), v = randomValues(size, 2, 0.4, 1), b = randomValues(size, 3), m = randomValues(size, 4);
  auto w = randomValues(size * k * taps, 5), beta = randomValues(k, 6);
  std::vector<double> expected(16);
  for (int64_t i = 0; i < 2 * size; ++i) {
    int64_t n = i % size;
    double sum = b[n] - m[n];
    for (int64_t j = 0; j < k * taps; ++j)
      sum += w[n * k * taps + j] * beta[j / taps];
    expected[i] = g[n] / std::sqrt(v[n] + eps) * sum;
  }
  Buffer out(16);
  Buffer in[] = {toBuffer(g), toBuffer(v), toBuffer(b), toBuffer(m), toBuffer(w), toBuffer(beta)};
  program.run("vector", {in[0].data(), in[1].data(), in[2].data(), in[3].data(), in[4].data(), in[5].data(), out.data()}, 1, 0,
              1);
  EXPECT_LT(largestError(out.dense(1, 16, 16), expected), 1.2e-7); // one rounding
}

INSTANTIATE_TEST_SUITE_P(Targets, ImagesTest, ::testing::ValuesIn(runnableTargets()),
                         [](const auto &info) { return "v" + std::to_string(info.index); });

} // namespace
