//===- GradientTest.cpp - Sums over a batch: gradients of parameters ------===//

#include "test/passes/LowerCpu/KernelHarness.h"

#include "passes/LowerCpu/BuildKernel.h"

#include <array>
#include <cmath>

using namespace archc::cpu;
using namespace archc::cpu::testing;

namespace {

struct Images {
  int64_t batch, height, width, channels;
  int64_t rows() const { return batch * height * width; }
  int64_t at(int64_t n, int64_t y, int64_t x, int64_t c) const { return ((n * height + y) * width + x) * channels + c; }
};

class GradientTest : public KernelTest {
protected:
  /// Runs all iterations, whole and cut; all must have the same bits, and nothing may be written behind the result.
  static std::vector<double> runCut(const Program &program, const KernelDescription &kernel, std::vector<void *> buffers,
                                    size_t result, int64_t floats, int64_t batch) {
    const int64_t count = *resultIterations(kernel, program.target());
    auto run = [&](const std::vector<int64_t> &cuts) {
      Buffer output(floats);
      buffers[result] = output.data();
      for (size_t i = 0; i + 1 < cuts.size(); ++i)
        if (cuts[i] < cuts[i + 1])
          program.run(kernel.name, buffers, batch, cuts[i], cuts[i + 1]);
      EXPECT_TRUE(std::isnan(output.data()[floats])) << kernel.name << " wrote beyond its result";
      return output;
    };
    std::vector<int64_t> single;
    for (int64_t i = 0; i <= count; ++i)
      single.push_back(i);
    Buffer whole = run({0, count});
    EXPECT_TRUE(run(single) == whole) << kernel.name << " cut into " << count;
    EXPECT_TRUE(run({0, count / 3, count - count / 4, count}) == whole) << kernel.name;
    return whole.dense(1, floats, floats);
  }
};

// ---- Weights -----------------------------------------------------------------------------------------------------------

struct Layer {
  Images in;
  int64_t outputs, kernel[2], stride[2], padding[2];
  bool dense;
  int64_t area() const { return kernel[0] * kernel[1]; }
  Images out() const {
    return {in.batch, (in.height + 2 * padding[0] - kernel[0]) / stride[0] + 1,
            (in.width + 2 * padding[1] - kernel[1]) / stride[1] + 1, outputs};
  }
};

KernelDescription weightGrad(const Layer &layer, const CpuTarget &cpu) {
  WeightGradKernel kernel;
  GatherWindows &w = kernel.windows;
  w.input = layer.dense ? Place::dense(0) : Place::rows(0, cpu.padToPanel(layer.in.channels));
  w.inputHeight = layer.in.height, w.inputWidth = layer.in.width, w.inputChannels = layer.in.channels;
  w.kernelHeight = layer.kernel[0], w.kernelWidth = layer.kernel[1];
  w.strideHeight = layer.stride[0], w.strideWidth = layer.stride[1];
  w.paddingHeight = layer.padding[0], w.paddingWidth = layer.padding[1];
  kernel.dy = Place::rows(1, cpu.padToPanel(layer.outputs));
  kernel.height = layer.out().height;
  kernel.width = layer.out().width;
  kernel.outputs = layer.outputs;
  kernel.output = 2;
  return {"weight_grad", kernel};
}

std::vector<double> exactWeightGrad(const Layer &layer, const std::vector<double> &x, const std::vector<double> &dy) {
  const Images &in = layer.in, out = layer.out();
  std::vector<double> result(layer.outputs * in.channels * layer.area());
  for (int64_t n = 0; n < in.batch; ++n)
    for (int64_t y = 0; y < out.height; ++y)
      for (int64_t column = 0; column < out.width; ++column)
        for (int64_t tap = 0; tap < layer.area(); ++tap) {
          int64_t inY = y * layer.stride[0] + tap / layer.kernel[1] - layer.padding[0];
          int64_t inX = column * layer.stride[1] + tap % layer.kernel[1] - layer.padding[1];
          if (inY < 0 || inY >= in.height || inX < 0 || inX >= in.width)
            continue;
          for (int64_t o = 0; o < layer.outputs; ++o)
            for (int64_t i = 0; i < in.channels; ++i)
              result[(o * in.channels + i) * layer.area() + tap] += dy[out.at(n, y, column, o)] * x[in.at(n, inY, inX, i)];
        }
  return result;
}

/// Largest difference in units of the root of the summed squares, which is what rounding errors of a sum are in proportion to.
double errorOfSums(const std::vector<double> &a, const std::vector<double> &b, int64_t terms) {
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i)
    largest = std::max(largest, std::isfinite(a[i]) ? std::fabs(a[i] - b[i]) : 1e300);
  return a.size() == b.size() ? largest / std::sqrt(static_cast<double>(terms)) : 1e300;
}

TEST_P(GradientTest, weights) {
  const Layer layers[] = {
      {{2, 9, 7, 19}, 13, {1, 1}, {1, 1}, {0, 0}, false},  // a part of a chunk
      {{3, 8, 16, 70}, 33, {1, 1}, {1, 1}, {0, 0}, false}, // whole chunks
      {{5, 1, 1, 21}, 205, {1, 1}, {1, 1}, {0, 0}, false}, // vectors, several blocks of tiles
      {{2, 8, 11, 230}, 7, {1, 1}, {1, 1}, {0, 0}, false}, // several blocks of panels
      {{2, 5, 7, 19}, 13, {1, 1}, {1, 1}, {1, 2}, false},  // one tap, and zeros around
      {{2, 9, 13, 40}, 21, {3, 3}, {2, 2}, {1, 1}, false}, // by taps
      {{2, 9, 12, 33}, 50, {2, 3}, {1, 2}, {0, 1}, false}, //
      {{2, 20, 21, 3}, 19, {7, 7}, {4, 4}, {2, 2}, true},  // whole windows, from dense rows
      {{2, 11, 9, 5}, 19, {3, 3}, {2, 2}, {1, 1}, false},  // and from rows
      {{4, 1, 1, 10}, 3, {1, 1}, {1, 1}, {0, 0}, true},    //
  };
  for (const Layer &layer : layers) {
    CpuTarget cpu = target();
    KernelDescription kernel = weightGrad(layer, cpu);
    Program program(GetParam(), {kernel});
    const Images out = layer.out();
    auto x = randomValues(layer.in.rows() * layer.in.channels, 1), dy = randomValues(out.rows() * out.channels, 2);
    Buffer input = layer.dense ? toBuffer(x) : Buffer::padded(x, layer.in.channels, cpu.padToPanel(layer.in.channels), 1e4);
    Buffer gradient = Buffer::padded(dy, layer.outputs, cpu.padToPanel(layer.outputs), 1e4);
    std::vector<double> expected = exactWeightGrad(layer, x, dy);
    auto result = runCut(program, kernel, {input.data(), gradient.data(), nullptr}, 2, expected.size(), layer.in.batch);
    EXPECT_LT(errorOfSums(result, expected, out.rows()), 1e-6) << layer.in.channels << " to " << layer.outputs;
  }
}

TEST_P(GradientTest, depthwiseWeights) {
  struct Case {
    Images in;
    int64_t kernel[2];
    bool padded;
  };
  for (const Case &test :
       {Case{{3, 14, 14, 19}, {7, 7}, false}, Case{{2, 5, 9, 21}, {3, 5}, false}, Case{{2, 2, 3, 8}, {7, 3}, false},
        Case{{3, 9, 15, 19}, {7, 7}, true}, Case{{2, 4, 2, 40}, {3, 3}, true}}) {
    CpuTarget cpu = target();
    const Images &in = test.in;
    const int64_t stride = cpu.padToPanel(in.channels), padding = test.kernel[1] / 2, rows = in.rows();
    DepthwiseGradKernel kernel;
    kernel.x = test.padded ? Place::paddedImage(0, padding) : Place::rows(0, stride);
    kernel.dy = test.padded ? Place::paddedImage(1, padding) : Place::rows(1, stride);
    kernel.height = in.height, kernel.width = in.width, kernel.channels = in.channels;
    kernel.kernelHeight = test.kernel[0], kernel.kernelWidth = test.kernel[1];
    kernel.output = 2;
    RowsKernel pad; // rows to a padded image
    pad.height = in.height, pad.width = in.width, pad.rowBlock = 8;
    pad.segments = {{LoadRows{Place::rows(0, stride), in.channels}, {{}, {{0, Place::paddedImage(1, padding)}}}}};
    Program program(GetParam(), {{"depthwise", kernel}, {"pad", pad}});
    auto x = randomValues(rows * in.channels, 1), dy = randomValues(rows * in.channels, 2);
    const int64_t area = test.kernel[0] * test.kernel[1];
    std::vector<double> expected(in.channels * area);
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t tap = 0; tap < area; ++tap) {
        int64_t y = i / in.width % in.height + tap / test.kernel[1] - test.kernel[0] / 2,
                column = i % in.width + tap % test.kernel[1] - padding;
        if (y >= 0 && y < in.height && column >= 0 && column < in.width)
          for (int64_t c = 0; c < in.channels; ++c)
            expected[c * area + tap] += dy[i * in.channels + c] * x[in.at(i / (in.height * in.width), y, column, c)];
      }
    Buffer maps[] = {Buffer::padded(x, in.channels, stride, 3), Buffer::padded(dy, in.channels, stride, 3)};
    if (test.padded)
      for (Buffer &map : maps) {
        Buffer image(in.batch * paddedImageBytes(cpu, in.channels, in.height, in.width, padding) / 4);
        program.run("pad", {map.data(), image.data()}, in.batch, 0, rows);
        map = image;
      }
    auto result = runCut(program, {"depthwise", kernel}, {maps[0].data(), maps[1].data(), nullptr}, 2, expected.size(), in.batch);
    EXPECT_LT(errorOfSums(result, expected, rows), 1e-6) << in.width << " wide";
  }
}

TEST_P(GradientTest, spatialMatrices) {
  CpuTarget cpu = target();
  for (auto [batch, positions, channels] : {std::array<int64_t, 3>{3, 49, 150}, {2, 196, 19}, {1, 5, 128}}) {
    const int64_t stride = cpu.padToPanel(channels);
    SpatialGradKernel kernel{Place::rows(0, stride), Place::rows(1, stride), positions, channels, 2};
    Program program(GetParam(), {{"spatial", kernel}});
    auto x = randomValues(batch * positions * channels, 1), dy = randomValues(batch * positions * channels, 2);
    std::vector<double> expected(positions * positions);
    for (int64_t n = 0; n < batch; ++n)
      for (int64_t t = 0; t < positions; ++t)
        for (int64_t s = 0; s < positions; ++s)
          for (int64_t c = 0; c < channels; ++c)
            expected[t * positions + s] += dy[(n * positions + t) * channels + c] * x[(n * positions + s) * channels + c];
    Buffer input = Buffer::padded(x, channels, stride, 1e4), gradient = Buffer::padded(dy, channels, stride, 1e4);
    auto result = runCut(program, {"spatial", kernel}, {input.data(), gradient.data(), nullptr}, 2, expected.size(), batch);
    EXPECT_LT(errorOfSums(result, expected, batch * channels), 1e-6) << positions;
  }
}

// ---- Sums --------------------------------------------------------------------------------------------------------------

TEST_P(GradientTest, sumsPerChannel) {
  const int64_t batch = 3, positions = 100, rows = batch * positions;
  for (int64_t channels : {19, 150})
    for (bool product : {false, true})
      for (bool total : {false, true}) {
        CpuTarget cpu = target();
        const int64_t stride = cpu.padToPanel(channels), size = total ? 1 : channels;
        ChannelSumKernel kernel{Place::rows(0, stride), std::nullopt, positions, channels, total, 2};
        if (product)
          kernel.other = Place::rows(1, stride);
        Program program(GetParam(), {{"sum", kernel}});
        auto x = randomValues(rows * channels, 1), other = randomValues(rows * channels, 2);
        std::vector<double> expected(size);
        for (size_t i = 0; i < x.size(); ++i)
          expected[total ? 0 : i % channels] += x[i] * (product ? other[i] : 1);
        Buffer a = Buffer::padded(x, channels, stride, 1e4), b = Buffer::padded(other, channels, stride, 1e4);
        auto result = runCut(program, {"sum", kernel}, {a.data(), b.data(), nullptr}, 2, size, batch);
        EXPECT_LT(errorOfSums(result, expected, rows * (total ? channels : 1)), 1e-6) << channels << product << total;
      }
}

TEST_P(GradientTest, sumsPerPosition) {
  const int64_t batch = 3, positions = 35, channels = 21;
  CpuTarget cpu = target();
  const int64_t stride = cpu.padToPanel(channels);
  auto x = randomValues(batch * positions * channels, 1);
  for (bool total : {false, true}) {
    BatchSumKernel kernel{Place::rows(0, stride), positions, channels, total, 1};
    Program program(GetParam(), {{"sum", kernel}});
    std::vector<double> expected(positions * (total ? 1 : channels));
    for (size_t i = 0; i < x.size(); ++i)
      expected[(total ? 0 : i % channels * positions) + i / channels % positions] += x[i];
    Buffer input = Buffer::padded(x, channels, stride, 3);
    auto result = runCut(program, {"sum", kernel}, {input.data(), nullptr}, 1, expected.size(), batch);
    EXPECT_LT(largestError(result, expected), 1e-6);
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, GradientTest, ::testing::ValuesIn(runnableTargets()),
                         [](const auto &info) { return "v" + std::to_string(info.index); });

} // namespace
