//===- WindowsTest.cpp - Convolutions and pooling -------------------------===//

#include "test/passes/LowerCpu/KernelHarness.h"

#include <cmath>

using namespace archc::cpu;
using namespace archc::cpu::testing;

namespace {

struct Geometry {
  int64_t batch, height, width, channels;
  int64_t size() const { return batch * height * width * channels; }
  int64_t at(int64_t n, int64_t y, int64_t x, int64_t c) const { return ((n * height + y) * width + x) * channels + c; }
};

/// Sums tap(ky, kx, element) over the window of output (y, x) with zero padding.
template <typename Tap>
double window(const Geometry &in, int64_t n, int64_t y, int64_t x, int64_t c, const int64_t (&kernel)[2],
              const int64_t (&stride)[2], const int64_t (&padding)[2], Tap tap) {
  double sum = 0;
  for (int64_t ky = 0; ky < kernel[0]; ++ky)
    for (int64_t kx = 0; kx < kernel[1]; ++kx) {
      int64_t iy = y * stride[0] + ky - padding[0], ix = x * stride[1] + kx - padding[1];
      if (iy >= 0 && iy < in.height && ix >= 0 && ix < in.width)
        sum += tap(ky * kernel[1] + kx, in.at(n, iy, ix, c));
    }
  return sum;
}

/// Splits of [0, count) that tests run besides the whole: one at a time, and uneven.
std::vector<std::vector<int64_t>> cutsOf(int64_t count) {
  std::vector<int64_t> single;
  for (int64_t i = 0; i <= count; ++i)
    single.push_back(i);
  return {single, {0, count / 3, count / 3 + 1, count}};
}

class WindowsTest : public KernelTest {
protected:
  /// Runs whole and cut; all must have the same bits. Returns operand `result` of the whole run.
  Buffer runAllCuts(const Program &program, const std::string &kernel, std::vector<void *> buffers, size_t result, int64_t floats,
                    int64_t batch, int64_t count) {
    auto run = [&](const std::vector<int64_t> &cuts) {
      Buffer output(floats);
      buffers[result] = output.data();
      for (size_t i = 0; i + 1 < cuts.size(); ++i)
        program.run(kernel, buffers, batch, cuts[i], cuts[i + 1]);
      return output;
    };
    Buffer whole = run({0, count});
    for (const std::vector<int64_t> &cuts : cutsOf(count))
      EXPECT_TRUE(run(cuts) == whole) << kernel << " cut into " << cuts.size() - 1;
    return whole;
  }

  void stridedConvolution(const Geometry &in, int64_t outputs, int64_t groups, const int64_t (&kernel)[2],
                          const int64_t (&stride)[2], const int64_t (&padding)[2], bool dense);
};

void WindowsTest::stridedConvolution(const Geometry &in, int64_t outputs, int64_t groups, const int64_t (&kernel)[2],
                                     const int64_t (&stride)[2], const int64_t (&padding)[2], bool dense) {
  CpuTarget cpu = target();
  Geometry out{in.batch, (in.height + 2 * padding[0] - kernel[0]) / stride[0] + 1,
               (in.width + 2 * padding[1] - kernel[1]) / stride[1] + 1, outputs};
  const int64_t area = kernel[0] * kernel[1], perGroup = in.channels / groups, k = area * in.channels;
  int64_t inStride = dense ? in.channels : cpu.padToPanel(in.channels), outStride = cpu.padToPanel(outputs);
  RowsKernel rows;
  rows.height = out.height;
  rows.width = out.width;
  rows.rowBlock = 2 * cpu.tileRows;
  rows.scratch = {{true, k}};
  GatherWindows gather{dense ? Place::dense(0) : Place::rows(0, inStride),
                       in.height,
                       in.width,
                       in.channels,
                       kernel[0],
                       kernel[1],
                       stride[0],
                       stride[1],
                       padding[0],
                       padding[1]};
  rows.segments = {{gather, {{}, {{0, Place::blocked(0)}}}},
                   {Contract{Place::blocked(0), k, outputs, 1}, {{}, {{0, Place::rows(2, outStride)}}}}};
  PackPanelsKernel pack;
  pack.weight = {0, outputs, in.channels, kernel[0], kernel[1], groups};
  pack.output = 1;
  Program program(GetParam(), {{"conv", rows}, {"pack", pack}});

  auto x = randomValues(in.size(), 1), w = randomValues(outputs * perGroup * area, 2, 0.3);
  std::vector<double> expected(out.size());
  for (int64_t n = 0; n < out.batch; ++n)
    for (int64_t y = 0; y < out.height; ++y)
      for (int64_t xx = 0; xx < out.width; ++xx)
        for (int64_t o = 0; o < outputs; ++o)
          for (int64_t i = 0; i < perGroup; ++i)
            expected[out.at(n, y, xx, o)] +=
                window(in, n, y, xx, o / (outputs / groups) * perGroup + i, kernel, stride, padding,
                       [&](int64_t tap, int64_t element) { return w[(o * perGroup + i) * area + tap] * x[element]; });

  Buffer input = Buffer::padded(x, in.channels, inStride, 1e3), weight = toBuffer(w), panels(outStride * cpu.padToVector(k));
  program.run("pack", {weight.data(), panels.data()}, 1, 0, outStride / cpu.panelWidth());
  int64_t count = out.batch * out.height * out.width;
  Buffer result = runAllCuts(program, "conv", {input.data(), panels.data(), nullptr}, 2, count * outStride, in.batch, count);
  EXPECT_LT(largestError(result.dense(count, outputs, outStride), expected), 1e-5);
}

TEST_P(WindowsTest, stemFromDenseRows) { stridedConvolution({2, 17, 19, 3}, 10, 1, {7, 7}, {4, 4}, {2, 2}, /*dense=*/true); }
TEST_P(WindowsTest, stemFromOneChannel) { stridedConvolution({2, 9, 9, 1}, 33, 1, {3, 5}, {2, 1}, {1, 2}, /*dense=*/true); }
TEST_P(WindowsTest, downsampleOfWholeVectors) {
  stridedConvolution({2, 9, 7, 32}, 20, 1, {3, 3}, {2, 2}, {1, 1}, /*dense=*/false);
}
TEST_P(WindowsTest, downsampleOfOddChannels) {
  stridedConvolution({2, 7, 6, 19}, 21, 1, {3, 3}, {2, 2}, {1, 1}, /*dense=*/false);
}
TEST_P(WindowsTest, groupedConvolution) { stridedConvolution({1, 6, 6, 12}, 18, 3, {3, 3}, {1, 1}, {1, 1}, /*dense=*/false); }

/// LoadRows with a chain -> padded image -> depthwise; beside it depthwise straight from rows.
TEST_P(WindowsTest, depthwiseOfPaddedImageAndOfRows) {
  for (int64_t size : {3, 7}) {
    const Geometry in{2, 5, 9, 21};
    CpuTarget cpu = target();
    int64_t stride = cpu.padToPanel(in.channels), count = in.batch * in.height * in.width;
    RowsKernel produce;
    produce.height = in.height;
    produce.width = in.width;
    produce.rowBlock = cpu.tileRows;
    produce.segments = {{LoadRows{Place::rows(0, stride), in.channels}, {{}, {{0, Place::paddedImage(1, size / 2)}}}}};
    RowsKernel blocked = produce;
    blocked.axis = RowsAxis::Lines;
    blocked.rowBlock = 2 * in.width;
    Chain chain{{{"mf.add", {Source::value(), Source::channel(2)}}}, {{1, Place::rows(3, stride)}}};
    blocked.segments = {{DepthwiseWindows{Place::paddedImage(0, size / 2), in.channels, size, size, 1}, chain}};
    RowsKernel plain = blocked;
    std::get<DepthwiseWindows>(plain.segments[0].body).input = Place::rows(0, stride);
    PackTapsKernel pack{in.channels, size * size, 0, {Factor::row(1)}, 2};
    Program program(GetParam(), {{"produce", produce}, {"blocked", blocked}, {"plain", plain}, {"pack", pack}});

    auto x = randomValues(in.size(), 1), w = randomValues(in.channels * size * size, 2, 0.3);
    auto b = randomValues(in.channels, 3), s = randomValues(in.channels, 4, 0.5, 1);
    std::vector<double> expected(in.size());
    for (int64_t n = 0; n < in.batch; ++n)
      for (int64_t y = 0; y < in.height; ++y)
        for (int64_t xx = 0; xx < in.width; ++xx)
          for (int64_t c = 0; c < in.channels; ++c)
            expected[in.at(n, y, xx, c)] =
                b[c] + s[c] * window(in, n, y, xx, c, {size, size}, {1, 1}, {size / 2, size / 2},
                                     [&](int64_t tap, int64_t at) { return w[c * size * size + tap] * x[at]; });

    Buffer input = Buffer::padded(x, in.channels, stride, 5), weight = toBuffer(w), scale = toBuffer(s);
    Buffer taps(stride * size * size), bias = toBuffer(b, stride);
    program.run("pack", {weight.data(), scale.data(), taps.data()}, 1, 0, 1);
    int64_t imageFloats = in.batch * stride * in.height * (in.width + 2 * (size / 2));
    Buffer image = runAllCuts(program, "produce", {input.data(), nullptr}, 1, imageFloats, in.batch, count);
    for (const char *kernel : {"blocked", "plain"}) {
      Buffer &from = kernel[0] == 'b' ? image : input;
      Buffer result = runAllCuts(program, kernel, {from.data(), taps.data(), bias.data(), nullptr}, 3, count * stride, in.batch,
                                 in.batch * in.height);
      EXPECT_LT(largestError(result.dense(count, in.channels, stride), expected), 1e-5) << kernel << size;
    }
  }
}

TEST_P(WindowsTest, poolMixCountsValidPositionsOnly) {
  for (int64_t size : {3, 5}) {
    const Geometry in{2, 4, 6, 11};
    CpuTarget cpu = target();
    int64_t stride = cpu.padToPanel(in.channels), count = in.batch * in.height * in.width;
    RowsKernel kernel;
    kernel.axis = RowsAxis::Lines;
    kernel.height = in.height;
    kernel.width = in.width;
    kernel.rowBlock = 3 * in.width;
    Chain chain{{{"mf.fma", {Source::value(), Source::channel(1), Source::same(Place::rows(0, stride))}}},
                {{1, Place::rows(2, stride)}}};
    kernel.segments = {{PoolMix{Place::rows(0, stride), in.channels, size}, chain}};
    Program program(GetParam(), {{"pool", kernel}});

    auto x = randomValues(in.size(), 1), gamma = randomValues(in.channels, 2);
    std::vector<double> expected(in.size());
    for (int64_t n = 0; n < in.batch; ++n)
      for (int64_t y = 0; y < in.height; ++y)
        for (int64_t xx = 0; xx < in.width; ++xx)
          for (int64_t c = 0; c < in.channels; ++c) {
            double valid = 0;
            double sum = window(in, n, y, xx, c, {size, size}, {1, 1}, {size / 2, size / 2}, [&](int64_t, int64_t at) {
              valid += 1;
              return x[at];
            });
            int64_t at = in.at(n, y, xx, c);
            expected[at] = x[at] + gamma[c] * (sum / valid - x[at]);
          }
    Buffer input = Buffer::padded(x, in.channels, stride, 5), g = toBuffer(gamma, stride);
    Buffer result =
        runAllCuts(program, "pool", {input.data(), g.data(), nullptr}, 2, count * stride, in.batch, in.batch * in.height);
    EXPECT_LT(largestError(result.dense(count, in.channels, stride), expected), 1e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, WindowsTest, ::testing::ValuesIn(runnableTargets()),
                         [](const auto &info) { return "v" + std::to_string(info.index); });

} // namespace
