//===- SameAsCpuTest.cpp - GPU kernels against those of the CPU -----------===//
//
// Layouts of GPU targets are those of AVX-512 hosts, so that one description and one set of buffers serve both. The GPU's side runs on
// the emulator, whose checks (bounds, races, what was never written) must find nothing either.
//
//===----------------------------------------------------------------------===//

#include "passes/Emit/DeviceCode.h"
#include "passes/LowerCuda/BuildGpuKernel.h"
#include "test/passes/LowerCpu/KernelHarness.h"
#include "tools/emu/Launch.h"
#include "tools/emu/Program.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include <cmath>

using namespace archc::kernels;
using archc::cpu::testing::Buffer;

namespace {

const char *const kCpu = "x86-64-v4-on-v3";

int64_t padded(int64_t channels) { return (channels + 31) / 32 * 32; }

struct Operand {
  Buffer buffer;
  bool writes = false;
};

/// Rows with finite numbers in the padding.
Operand rowsOf(int64_t rows, int64_t channels, unsigned seed) { return {Buffer::random(rows * padded(channels), seed)}; }
Operand vectorOf(int64_t channels, unsigned seed) { return {Buffer::random(padded(channels), seed)}; }
Operand result(int64_t floats) { return {Buffer(floats), true}; }
/// Zeros where K and N end, as packing leaves them.
Operand panelsOf(int64_t outputs, int64_t inputs, unsigned seed) {
  const int64_t depth = (inputs + 15) / 16 * 16;
  Buffer panels = Buffer::random(padded(outputs) * depth, seed, 0.2);
  for (int64_t i = 0; i < panels.size(); ++i)
    if (i / 32 % depth >= inputs || i / 32 / depth * 32 + i % 32 >= outputs)
      panels[i] = 0;
  return {panels};
}

struct Run {
  KernelBody body;
  std::vector<Operand> operands;
  int64_t batch = 1, cpuExtent = 1, gpuExtent = 1;
};

class Device {
public:
  explicit Device(const Run &run) : run(run), target(*archc::cuda::findGpuTarget("sm_80")) {}

  /// Runs the kernel on the emulator with new results, which it returns.
  std::vector<Buffer> launch() {
    KernelDescription kernel{"k", run.body};
    mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
    mlir::Location location = mlir::UnknownLoc::get(&context);
    mlir::OwningOpRef<mlir::ModuleOp> module = mlir::ModuleOp::create(location);
    EXPECT_EQ(archc::cuda::checkGpuKernel(kernel, target), "");
    if (failed(archc::cuda::buildGpuKernel(*module, kernel, run.operands.size(), target, location)))
      return {};
    auto code = archc::cuda::compileDevice(*module, target, {/*emulation=*/true, /*assemble=*/false});
    if (failed(code))
      return {};
    return emulate(code->bitcode, archc::cuda::launchSize(kernel, target));
  }

private:
  std::vector<Buffer> emulate(const std::string &bitcode, const archc::cuda::LaunchSize &size) {
    archrt::gpu::EmulatorOptions options;
    options.threads = 1;
    auto program = archrt::emu::Program::load(archrt::ByteView(bitcode), options);
    auto kernel = program.ok() ? (*program)->kernel("k") : archrt::Result<const archrt::emu::Kernel *>(program.status());
    EXPECT_TRUE(kernel.ok()) << kernel.status().message();
    if (!kernel.ok())
      return {};
    std::vector<Buffer> results;
    std::vector<archrt::gpu::LaunchOperand> operands;
    for (const Operand &operand : run.operands) {
      Buffer buffer = operand.writes ? Buffer(operand.buffer.size()) : operand.buffer;
      if (operand.writes)
        results.push_back(buffer);
      operands.push_back({reinterpret_cast<uint64_t>(buffer.data()), static_cast<uint64_t>(4 * buffer.size()), operand.writes});
    }
    archrt::gpu::LaunchShape shape;
    shape.blocks = (run.gpuExtent + size.block - 1) / size.block;
    shape.threads = size.threads;
    shape.sharedBytes = size.shared;
    shape.batch = run.batch;
    shape.extent = run.gpuExtent;
    archrt::emu::Launcher launcher;
    auto report = launcher.launch(**kernel, shape, operands, options);
    EXPECT_TRUE(report.ok()) << report.status().message();
    if (report.ok())
      EXPECT_EQ(report->text(), "");
    return results;
  }

  const Run &run;
  archc::cuda::GpuTarget target;
};

/// Every float that the CPU writes, within `tolerance` of its size; at most the padding of rows is not written.
void expectSame(const Run &run, double tolerance = 2e-5) {
  archc::cpu::testing::Program program(kCpu, {{"k", run.body}});
  std::vector<void *> buffers;
  std::vector<Buffer> expected;
  for (const Operand &operand : run.operands) {
    Buffer buffer = operand.writes ? Buffer(operand.buffer.size()) : operand.buffer;
    if (operand.writes)
      expected.push_back(buffer);
    buffers.push_back(buffer.data());
  }
  program.run("k", buffers, run.batch, 0, run.cpuExtent);
  std::vector<Buffer> found = Device(run).launch();
  ASSERT_EQ(found.size(), expected.size());
  for (size_t r = 0; r < found.size(); ++r) {
    int64_t written = 0;
    for (int64_t i = 0; i < expected[r].size(); ++i)
      if (!std::isnan(expected[r][i]) && ++written)
        ASSERT_NEAR(found[r][i], expected[r][i], tolerance * (1 + std::fabs(expected[r][i])))
            << "result " << r << ", float " << i;
    ASSERT_GT(2 * written, expected[r].size()) << "result " << r;
  }
}

RowsKernel rowsKernel(int64_t height, int64_t width, RowsAxis axis = RowsAxis::Rows) {
  RowsKernel kernel;
  kernel.height = height;
  kernel.width = width;
  kernel.axis = axis;
  kernel.rowBlock = axis == RowsAxis::Lines ? 2 * width : 28;
  return kernel;
}

Run runOf(const RowsKernel &kernel, int64_t batch, std::vector<Operand> operands) {
  const int64_t lines = batch * kernel.height;
  const int64_t extent = kernel.axis == RowsAxis::Lines ? lines : lines * kernel.width;
  return {kernel, std::move(operands), batch, extent, extent};
}

Segment load(Place from, int64_t channels, Place to) { return {LoadRows{from, channels}, {{}, {{0, to}}}}; }

// ---- Contractions ------------------------------------------------------------------------------------------------------

TEST(SameAsCpu, ContractionOfDenseInput) {
  RowsKernel kernel = rowsKernel(5, 7);
  kernel.scratch = {{true, 19}};
  kernel.segments = {load(Place::dense(0), 19, Place::blocked(0)),
                     {Contract{Place::blocked(0), 19, 67, 1},
                      {{{"mf.add", {Source::value(0), Source::channel(2)}}, {"mf.gelu", {Source::value(1)}}},
                       {{2, Place::rows(3, padded(67))}}}}};
  expectSame(runOf(kernel, 3, {{Buffer::random(105 * 19, 1)}, panelsOf(67, 19, 2), vectorOf(67, 3), result(105 * padded(67))}));
}

TEST(SameAsCpu, ContractionInPartsOf128WithShortcuts) {
  RowsKernel kernel = rowsKernel(4, 11);
  kernel.scratch = {{true, 300}};
  kernel.segments = {load(Place::rows(0, padded(300)), 300, Place::blocked(0)),
                     {Contract{Place::blocked(0), 300, 45, 1},
                      {{{"mf.fma", {Source::value(0), Source::channel(2), Source::same(Place::rows(3, padded(45)))}},
                        {"mf.add", {Source::value(1), Source::position(4, padded(45))}},
                        {"mf.scale", {Source::value(2), Source::rowScalar(5)}},
                        {"mf.star_relu", {Source::value(3), Source::scalar(6), Source::constant(-0.25)}}},
                       {{1, Place::rows(7, padded(45))}, {4, Place::dense(8)}}}}};
  expectSame(runOf(kernel, 2,
                   {rowsOf(88, 300, 1), panelsOf(45, 300, 2), vectorOf(45, 3), rowsOf(88, 45, 4), rowsOf(44, 45, 5),
                    vectorOf(44, 6), vectorOf(1, 7), result(88 * padded(45)), result(88 * 45)}));
}

TEST(SameAsCpu, NormAndTwoContractionsInSharedMemory) {
  RowsKernel kernel = rowsKernel(3, 13, RowsAxis::Lines);
  kernel.scratch = {{true, 40}, {true, 150}};
  kernel.segments = {
      {NormalizeRows{Place::rows(0, padded(40)), 40, 1e-6, false},
       {{{"mf.fma", {Source::value(0), Source::channel(1), Source::channel(2)}}}, {{1, Place::blocked(0)}}}},
      {Contract{Place::blocked(0), 40, 150, 3}, {{{"mf.silu", {Source::value(0)}}}, {{1, Place::blocked(1)}}}},
      {Contract{Place::blocked(1), 150, 40, 4},
       {{{"mf.add", {Source::value(0), Source::same(Place::rows(0, padded(40)))}}}, {{1, Place::rows(5, padded(40))}}}},
      {LineStatistics{Place::rows(5, padded(40)), 40, 4, 6}, {}}};
  expectSame(runOf(kernel, 3,
                   {rowsOf(117, 40, 1), vectorOf(40, 2), vectorOf(40, 3), panelsOf(150, 40, 4), panelsOf(40, 150, 5),
                    result(117 * padded(40)), result(9 * 4 * 2)}));
}

/// Channels that differ in their last digits only, as in ImagesTest: the rounding of the mean would be 1e-4 of the result.
TEST(SameAsCpu, NormOfAlmostEqualChannels) {
  RowsKernel kernel = rowsKernel(1, 1);
  kernel.segments = {
      {NormalizeRows{Place::rows(0, padded(11)), 11, 1e-12, /*rms=*/false, /*exactMean=*/true}, {{}, {{0, Place::dense(1)}}}}};
  Operand input = rowsOf(9, 11, 1);
  for (int64_t i = 0; i < input.buffer.size(); ++i)
    input.buffer[i] = 0.7f + input.buffer[i] / 1024;
  expectSame(runOf(kernel, 9, {input, result(9 * 11)}), 2e-6);
}

TEST(SameAsCpu, StridedConvolution) {
  for (bool dense : {false, true}) {
    GatherWindows windows;
    windows.inputHeight = 13;
    windows.inputWidth = 11;
    windows.inputChannels = dense ? 3 : 24;
    windows.input = dense ? Place::dense(0) : Place::rows(0, padded(24));
    windows.kernelHeight = windows.kernelWidth = dense ? 7 : 3;
    windows.strideHeight = windows.strideWidth = dense ? 4 : 2;
    windows.paddingHeight = windows.paddingWidth = dense ? 2 : 1;
    RowsKernel kernel = dense ? rowsKernel(3, 3) : rowsKernel(7, 6);
    const int64_t rows = 2 * kernel.height * kernel.width, depth = windows.channels();
    kernel.scratch = {{true, depth}};
    kernel.segments = {{windows, {{}, {{0, Place::blocked(0)}}}},
                       {Contract{Place::blocked(0), depth, 70, 1},
                        {{{"mf.add", {Source::value(0), Source::channel(2)}}}, {{1, Place::rows(3, padded(70))}}}}};
    Operand input = dense ? Operand{Buffer::random(2 * 143 * 3, 1)} : rowsOf(2 * 143, 24, 1);
    expectSame(runOf(kernel, 2, {input, panelsOf(70, depth, 2), vectorOf(70, 3), result(rows * padded(70))}));
  }
}

// ---- Windows, pooling, statistics --------------------------------------------------------------------------------------

TEST(SameAsCpu, DepthwiseConvolution) {
  RowsKernel kernel = rowsKernel(9, 5, RowsAxis::Lines);
  kernel.segments = {{DepthwiseWindows{Place::rows(0, padded(40)), 40, 7, 3, 1},
                      {{{"mf.add", {Source::value(0), Source::channel(2)}}}, {{1, Place::rows(3, padded(40))}}}}};
  expectSame(
      runOf(kernel, 2, {rowsOf(90, 40, 1), {Buffer::random(padded(40) * 21, 2)}, vectorOf(40, 3), result(90 * padded(40))}));
}

TEST(SameAsCpu, PoolMixWithShortcut) {
  for (int64_t size : {3, 5}) {
    RowsKernel kernel = rowsKernel(4, 6, RowsAxis::Lines);
    kernel.segments = {{PoolMix{Place::rows(0, padded(19)), 19, size},
                        {{{"mf.fma", {Source::value(0), Source::channel(1), Source::same(Place::rows(0, padded(19)))}}},
                         {{1, Place::rows(2, padded(19))}}}}};
    expectSame(runOf(kernel, 3, {rowsOf(72, 19, 1), vectorOf(19, 2), result(72 * padded(19))}));
  }
}

TEST(SameAsCpu, PooledImagesAndRmsNorm) {
  RowsKernel kernel = rowsKernel(1, 1);
  kernel.scratch = {{false, 45}};
  kernel.segments = {{AveragePool{Place::rows(0, padded(45)), 21, 45}, {{}, {{0, Place::scratchRows(0)}}}},
                     {NormalizeRows{Place::scratchRows(0), 45, 1e-5, true},
                      {{{"mf.scale", {Source::value(0), Source::channel(1)}}}, {{1, Place::dense(2)}}}}};
  expectSame(runOf(kernel, 5, {rowsOf(105, 45, 1), vectorOf(45, 2), result(5 * 45)}));
}

TEST(SameAsCpu, SpatialMatmul) {
  RowsKernel kernel = rowsKernel(11, 13);
  kernel.segments = {{SpatialMatmul{0, Place::rows(1, padded(20)), 20},
                      {{{"mf.add", {Source::value(0), Source::rowScalar(2)}}}, {{1, Place::rows(3, padded(20))}}}}};
  Buffer matrix = Buffer::random(143 * 144, 1, 0.2);
  for (int64_t i = 0; i < matrix.size(); ++i)
    if (i / 16 / 143 * 16 + i % 16 >= 143)
      matrix[i] = 0;
  expectSame(runOf(kernel, 2, {{matrix}, rowsOf(286, 20, 2), vectorOf(143, 3), result(286 * padded(20))}));
}

TEST(SameAsCpu, ImageStatistics) {
  for (int64_t groups : {1, 4, 32}) {
    RowsKernel kernel = rowsKernel(5, 3);
    kernel.statistics = {{0, groups, 32, 1e-5}};
    kernel.segments = {{LoadRows{Place::rows(1, 32), 32},
                        {{{"mf.normalize", {Source::value(0), Source::mean(0), Source::rstd(0)}}}, {{1, Place::rows(2, 32)}}}}};
    Buffer lines = Buffer::random(4 * 5 * groups * 2, 2, 0.5, 1);
    expectSame(runOf(kernel, 4, {{lines}, rowsOf(60, 32, 3), result(60 * 32)}));
  }
}

// ---- Kernels of their own ----------------------------------------------------------------------------------------------

TEST(SameAsCpu, Attention) {
  struct Shape {
    int64_t tokens, heads, dim;
  };
  for (Shape shape : {Shape{49, 2, 32}, Shape{35, 3, 17}, Shape{70, 1, 64}}) {
    const int64_t channels = shape.heads * shape.dim;
    AttentionKernel kernel;
    kernel.qkvStride = padded(3 * channels);
    kernel.outputStride = padded(channels);
    kernel.tokens = shape.tokens;
    kernel.heads = shape.heads;
    kernel.headDim = shape.dim;
    kernel.scale = 1.5 / std::sqrt(static_cast<double>(shape.dim));
    const int64_t rows = 2 * shape.tokens, parts = (shape.tokens + archc::cuda::kQueries - 1) / archc::cuda::kQueries;
    Operand qkv{Buffer::random(rows * kernel.qkvStride, 1, 2)};
    expectSame({kernel, {qkv, result(rows * kernel.outputStride)}, 2, 2 * shape.heads, 2 * shape.heads * parts});
  }
}

TEST(SameAsCpu, ConvertedInput) {
  ConvertInputKernel kernel;
  kernel.channels = 3;
  kernel.scale = {0.1, 0.2, 0.3};
  kernel.shift = {-1, 0.5, 2};
  Buffer bytes(77 * 3 / 4 + 1);
  for (int64_t i = 0; i < 4 * bytes.size(); ++i)
    reinterpret_cast<uint8_t *>(bytes.data())[i] = static_cast<uint8_t>(37 * i);
  expectSame({kernel, {{bytes}, result(77 * 3)}, 1, 77, 77}, 0);
}

/// Weights are equal to the last bit, zeros of the padding included.
void expectPacked(KernelBody body, std::vector<Operand> operands, int64_t cpuExtent, int64_t elements) {
  operands.push_back(result(elements));
  expectSame({std::move(body), std::move(operands), 1, cpuExtent, elements}, 0);
}

TEST(SameAsCpu, PackedWeights) {
  PackPanelsKernel panels;
  panels.weight = {0, 45, 7, 3, 3};
  panels.scale = {Factor::row(1), Factor::inverseSqrt(Factor::Column, 2, 1e-5), Factor::constant(0.5)};
  panels.output = 3;
  Operand weight{Buffer::random(45 * 63, 1)}, variance{Buffer::random(7, 3, 0.5, 1)};
  expectPacked(panels, {weight, vectorOf(45, 2), variance}, 2, 64 * 64);
  panels.byTap = true;
  expectPacked(panels, {weight, vectorOf(45, 2), variance}, 18, 9 * 64 * 16);

  PackTapsKernel taps;
  taps.channels = 40;
  taps.taps = 9;
  taps.scale = {Factor::row(1)};
  taps.output = 2;
  expectPacked(taps, {{Buffer::random(360, 1)}, vectorOf(40, 2)}, 1, 64 * 9);

  PackMatrixKernel matrix;
  matrix.size = 21;
  matrix.output = 1;
  expectPacked(matrix, {{Buffer::random(441, 1)}}, 1, 21 * 32);

  PackPositionsKernel positions{19, 12, 32, 0, 1};
  expectPacked(positions, {{Buffer::random(19 * 12, 1)}}, 1, 12 * 32);
}

TEST(SameAsCpu, PackedVectors) {
  Term folded{{Factor::row(1)}, WeightShape{0, 24, 10}, {Factor::column(2)}};
  Term bias{{Factor::row(3), Factor::constant(-2)}, std::nullopt, {}};
  PackVectorKernel vector;
  vector.size = 24;
  vector.padded = 32;
  vector.terms = {folded, bias};
  vector.output = 4;
  expectPacked(vector, {{Buffer::random(240, 1)}, vectorOf(24, 2), vectorOf(10, 3), vectorOf(24, 4)}, 1, 32);
}

} // namespace
