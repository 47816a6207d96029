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

struct WindowShape {
  int64_t kernel[2], stride[2], padding[2];
  int64_t area() const { return kernel[0] * kernel[1]; }
};

struct Position {
  int64_t n, y, x, c;
};

/// Sums tap(number, element) over the window of an output position with zero padding.
template <typename Tap> double window(const Geometry &in, const WindowShape &shape, const Position &out, Tap tap) {
  double sum = 0;
  for (int64_t ky = 0; ky < shape.kernel[0]; ++ky)
    for (int64_t kx = 0; kx < shape.kernel[1]; ++kx) {
      int64_t y = out.y * shape.stride[0] + ky - shape.padding[0], x = out.x * shape.stride[1] + kx - shape.padding[1];
      if (y >= 0 && y < in.height && x >= 0 && x < in.width)
        sum += tap(ky * shape.kernel[1] + kx, in.at(out.n, y, x, out.c));
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

/// A call of a kernel whose operand `result`, of `floats`, is allocated anew for every run.
struct Call {
  std::string kernel;
  std::vector<void *> buffers;
  size_t result;
  int64_t floats, batch, count;
};

struct Convolution {
  Geometry in;
  int64_t outputs, groups;
  WindowShape shape;
  bool dense;
};

class WindowsTest : public KernelTest {
protected:
  /// Runs whole and cut; all must have the same bits. Returns the result of the whole run.
  Buffer runAllCuts(const Program &program, Call call) {
    auto run = [&](const std::vector<int64_t> &cuts) {
      Buffer output(call.floats);
      call.buffers[call.result] = output.data();
      for (size_t i = 0; i + 1 < cuts.size(); ++i)
        program.run(call.kernel, call.buffers, call.batch, cuts[i], cuts[i + 1]);
      return output;
    };
    Buffer whole = run({0, call.count});
    for (const std::vector<int64_t> &cuts : cutsOf(call.count))
      EXPECT_TRUE(run(cuts) == whole) << call.kernel << " cut into " << cuts.size() - 1;
    return whole;
  }

  void stridedConvolution(const Convolution &convolution);
};

static std::vector<double> convolve(const Convolution &conv, const Geometry &out, const std::vector<double> &x,
                                    const std::vector<double> &w) {
  const int64_t perGroup = conv.in.channels / conv.groups;
  std::vector<double> y(out.size());
  for (int64_t i = 0; i < out.size(); ++i) {
    int64_t o = i % out.channels, position = i / out.channels;
    int64_t first = o / (out.channels / conv.groups) * perGroup;
    Position at{position / (out.height * out.width), position / out.width % out.height, position % out.width, 0};
    for (int64_t c = 0; c < perGroup; ++c) {
      at.c = first + c;
      y[i] += window(conv.in, conv.shape, at,
                     [&](int64_t tap, int64_t element) { return w[(o * perGroup + c) * conv.shape.area() + tap] * x[element]; });
    }
  }
  return y;
}

void WindowsTest::stridedConvolution(const Convolution &conv) {
  CpuTarget cpu = target();
  const Geometry &in = conv.in;
  const WindowShape &s = conv.shape;
  Geometry out{in.batch, (in.height + 2 * s.padding[0] - s.kernel[0]) / s.stride[0] + 1,
               (in.width + 2 * s.padding[1] - s.kernel[1]) / s.stride[1] + 1, conv.outputs};
  const int64_t k = s.area() * in.channels, count = out.batch * out.height * out.width;
  int64_t inStride = conv.dense ? in.channels : cpu.padToPanel(in.channels), outStride = cpu.padToPanel(conv.outputs);
  RowsKernel rows;
  rows.height = out.height;
  rows.width = out.width;
  rows.rowBlock = 2 * cpu.tileRows;
  rows.scratch = {{true, k}};
  GatherWindows gather{conv.dense ? Place::dense(0) : Place::rows(0, inStride),
                       in.height,
                       in.width,
                       in.channels,
                       s.kernel[0],
                       s.kernel[1],
                       s.stride[0],
                       s.stride[1],
                       s.padding[0],
                       s.padding[1]};
  rows.segments = {{gather, {{}, {{0, Place::blocked(0)}}}},
                   {Contract{Place::blocked(0), k, conv.outputs, 1}, {{}, {{0, Place::rows(2, outStride)}}}}};
  PackPanelsKernel pack;
  pack.weight = {0, conv.outputs, in.channels, s.kernel[0], s.kernel[1], conv.groups};
  pack.output = 1;
  Program program(GetParam(), {{"conv", rows}, {"pack", pack}});
  auto x = randomValues(in.size(), 1), w = randomValues(conv.outputs * k / conv.groups, 2, 0.3);
  Buffer input = Buffer::padded(x, in.channels, inStride, 1e3), weight = toBuffer(w), panels(outStride * cpu.padToVector(k));
  program.run("pack", {weight.data(), panels.data()}, 1, 0, outStride / cpu.panelWidth());
  Buffer result = runAllCuts(program, {"conv", {input.data(), panels.data(), nullptr}, 2, count * outStride, in.batch, count});
  EXPECT_LT(largestError(result.dense(count, conv.outputs, outStride), convolve(conv, out, x, w)), 1e-5);
}

TEST_P(WindowsTest, stemFromDenseRows) { stridedConvolution({{2, 17, 19, 3}, 10, 1, {{7, 7}, {4, 4}, {2, 2}}, /*dense=*/true}); }
TEST_P(WindowsTest, stemFromOneChannel) { stridedConvolution({{2, 9, 9, 1}, 33, 1, {{3, 5}, {2, 1}, {1, 2}}, /*dense=*/true}); }
TEST_P(WindowsTest, downsampleOfWholeVectors) {
  stridedConvolution({{2, 9, 7, 32}, 20, 1, {{3, 3}, {2, 2}, {1, 1}}, /*dense=*/false});
}
TEST_P(WindowsTest, downsampleOfOddChannels) {
  stridedConvolution({{2, 7, 6, 19}, 21, 1, {{3, 3}, {2, 2}, {1, 1}}, /*dense=*/false});
}
TEST_P(WindowsTest, groupedConvolution) { stridedConvolution({{1, 6, 6, 12}, 18, 3, {{3, 3}, {1, 1}, {1, 1}}, /*dense=*/false}); }

/// LoadRows with a chain -> padded image -> depthwise; beside it depthwise straight from rows.
TEST_P(WindowsTest, depthwiseOfPaddedImageAndOfRows) {
  for (int64_t size : {3, 7}) {
    const WindowShape shape{{size, size}, {1, 1}, {size / 2, size / 2}};
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
            expected[in.at(n, y, xx, c)] = b[c] + s[c] * window(in, shape, {n, y, xx, c}, [&](int64_t tap, int64_t at) {
                                                    return w[c * size * size + tap] * x[at];
                                                  });

    Buffer input = Buffer::padded(x, in.channels, stride, 5), weight = toBuffer(w), scale = toBuffer(s);
    Buffer taps(stride * size * size), bias = toBuffer(b, stride);
    program.run("pack", {weight.data(), scale.data(), taps.data()}, 1, 0, 1);
    int64_t imageFloats = in.batch * stride * in.height * (in.width + 2 * (size / 2));
    Buffer image = runAllCuts(program, {"produce", {input.data(), nullptr}, 1, imageFloats, in.batch, count});
    for (const char *kernel : {"blocked", "plain"}) {
      Buffer &from = kernel[0] == 'b' ? image : input;
      Buffer result = runAllCuts(
          program, {kernel, {from.data(), taps.data(), bias.data(), nullptr}, 3, count * stride, in.batch, in.batch * in.height});
      EXPECT_LT(largestError(result.dense(count, in.channels, stride), expected), 1e-5) << kernel << size;
    }
  }
}

TEST_P(WindowsTest, poolMixCountsValidPositionsOnly) {
  for (int64_t size : {3, 5}) {
    const WindowShape shape{{size, size}, {1, 1}, {size / 2, size / 2}};
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
            double sum = window(in, shape, {n, y, xx, c}, [&](int64_t, int64_t at) {
              valid += 1;
              return x[at];
            });
            int64_t at = in.at(n, y, xx, c);
            expected[at] = x[at] + gamma[c] * (sum / valid - x[at]);
          }
    Buffer input = Buffer::padded(x, in.channels, stride, 5), g = toBuffer(gamma, stride);
    Buffer result =
        runAllCuts(program, {"pool", {input.data(), g.data(), nullptr}, 2, count * stride, in.batch, in.batch * in.height});
    EXPECT_LT(largestError(result.dense(count, in.channels, stride), expected), 1e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, WindowsTest, ::testing::ValuesIn(runnableTargets()),
                         [](const auto &info) { return "v" + std::to_string(info.index); });

} // namespace
