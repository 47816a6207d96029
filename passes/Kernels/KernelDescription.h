//===- KernelDescription.h - What a kernel computes, as plain structs -----===//
//
// describe/ fills these from fused groups; the lowering for a target turns one into code. Neither the mf nor the plan dialect is known here.
//
// Layouts (VL, NR of the target; Cp = channels rounded up to NR):
//   activation rows   [N*H*W][Cp] f32, `stride` = Cp elements; lanes beyond the channels hold finite values, never read as data
//   dense rows        [rows][channels], no padding: model inputs and outputs
//   channel vector    [Cp], zeros in the padding
//   weight panels     [Np/NR][Kp][NR], Kp = K rounded up to VL, zeros in the padding; a convolution has K = (kh, kw, ci)
//   tap panels        the panels of every tap of a convolution, each [Np/NR][Cp][NR], one after the other: K = ci
//   blocked scratch   [Kp/VL][rows of the block][VL]: the A operand of a contraction
//   blocked matrix    the same with all T rows of a matrix [T][S]: the constant A operand of a spatial matmul
//   padded image      per image [Cp/VL][H][W + 2p][VL]; the producer zeroes the p columns left and right, rows above and below
//                     are skipped by the consumer
//   taps              [Cp/VL][kh*kw][VL]
//   line statistics   [N*H][groups][2]: mean and M2 (sum of squared deviations) of one image line of one group
//
// "operand i" is archrt_kernel_args::buffers[i]. Every value is f32 unless said otherwise.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_PASSES_KERNELS_KERNELDESCRIPTION_H
#define ARCHC_PASSES_KERNELS_KERNELDESCRIPTION_H

#include "passes/Kernels/PrepareDescription.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace archc::kernels {

// ---- Places and chains -------------------------------------------------------------------------------------------------

/// Where rows of channels are read from or written to.
struct Place {
  enum Kind {
    Rows,        // operand `index`: activation rows, `stride` elements apart
    Dense,       // operand `index`: dense rows (stride = channels; `stride` is ignored)
    ScratchRows, // scratch value `index` of the kernel, row-major
    Blocked,     // scratch value `index` of the kernel, blocked
    PaddedImage, // operand `index`: padded image with `padding` columns on either side
    Scattered,   // inside segments only: a table of row addresses
  };
  Kind kind = Rows;
  unsigned index = 0;
  int64_t stride = 0;
  int64_t padding = 0;

  static Place rows(unsigned operand, int64_t stride) { return {Rows, operand, stride, 0}; }
  static Place dense(unsigned operand) { return {Dense, operand, 0, 0}; }
  static Place scratchRows(unsigned value) { return {ScratchRows, value, 0, 0}; }
  static Place blocked(unsigned value) { return {Blocked, value, 0, 0}; }
  static Place paddedImage(unsigned operand, int64_t padding) { return {PaddedImage, operand, 0, padding}; }
};

/// One operand of a chain step.
struct Source {
  enum Kind {
    Value,       // `index` 0: what the segment computed; i + 1: the result of chain step i
    Same,        // the same row and channel of `place` (Rows, Dense, ScratchRows or Blocked): a residual
    Channel,     // operand `index`: a channel vector
    Scalar,      // operand `index`: its element 0
    Constant,    // `number`
    Position,    // operand `index`: rows per position of one image, `place.stride` apart: [H*W][Cp]
    RowScalar,   // operand `index`: one float per position of one image: [H*W]
    Mean,        // mean and 1/sqrt(variance + eps) of the row's image and the channel's group: entry `index` of
    Rstd,        // RowsKernel::statistics
    ImageScalar, // operand `index`: one float per image of the row, element image * place.stride + site: [N][place.stride]
  };
  Kind kind = Value;
  unsigned index = 0;
  double number = 0;
  Place place;
  int64_t site = 0;

  static Source value(unsigned index = 0) { return {Value, index, 0, {}}; }
  static Source same(Place place) { return {Same, 0, 0, place}; }
  static Source channel(unsigned operand) { return {Channel, operand, 0, {}}; }
  static Source scalar(unsigned operand) { return {Scalar, operand, 0, {}}; }
  static Source constant(double number) { return {Constant, 0, number, {}}; }
  static Source position(unsigned operand, int64_t stride) { return {Position, operand, 0, Place::rows(operand, stride)}; }
  static Source rowScalar(unsigned operand) { return {RowScalar, operand, 0, {}}; }
  static Source mean(unsigned statistics) { return {Mean, statistics, 0, {}}; }
  static Source rstd(unsigned statistics) { return {Rstd, statistics, 0, {}}; }
  static Source imageScalar(unsigned operand, int64_t sites, int64_t site) {
    return {ImageScalar, operand, 0, Place::rows(operand, sites), site};
  }
};

/// An elementwise step; `op` names an emitter of pointwise/ (PointwiseEmitter.h lists none: they register themselves):
///   mf.add a b · mf.sub a b · mf.scale a b (product) · mf.fma a b c (a*b + c, one rounding) · mf.normalize x mean rstd
///   mf.mul a b · mf.step x · mf.gelu_grad mf.gelu_tanh_grad mf.silu_grad mf.hardswish_grad x dy
///   mf.relu x · mf.squared_relu x · mf.star_relu x scale bias · mf.gelu x · mf.gelu_tanh x · mf.silu x · mf.hardswish x
struct ChainStep {
  std::string op;
  std::vector<Source> operands;
};

/// Writes value `value` (as in Source::Value) to `place`.
struct Sink {
  unsigned value = 0;
  Place place;
};

struct Chain {
  std::vector<ChainStep> steps;
  std::vector<Sink> sinks;
};

// ---- Segments of a rows kernel: what they compute for each row of the block, before the chain --------------------------

/// `channels` values of each row, unchanged.
struct LoadRows {
  Place input; // Rows, Dense, ScratchRows or Blocked
  int64_t channels = 0;
};

/// (x - mean) * rstd over the channels of each row (two passes), or x / rms for `rms`. Affine parts are chain steps. With `exactMean`
/// a pass between the two takes the rounding of the mean off again: it weighs where the channels of a row are almost equal.
struct NormalizeRows {
  Place input; // Rows or ScratchRows
  int64_t channels = 0;
  double eps = 0;
  bool rms = false;
  bool exactMean = false;
};

/// input [rows, K] times weight panels: channels = N. Each output adds fma chains over 128 k each, in ascending order.
struct Contract {
  Place input; // Blocked
  int64_t inputChannels = 0;
  int64_t channels = 0;
  unsigned weights = 0; // operand: panels
};

/// matrix [T, T] times the rows of the row's image: y[t, c] = sum_s matrix[t, s] x[s, c]. The panels of an image are packed into
/// scratch when the first of its rows is met.
struct SpatialMatmul {
  unsigned matrix = 0; // operand: blocked matrix
  Place input;         // Rows: all rows of the image are read
  int64_t channels = 0;
};

/// im2col of a strided convolution with zero padding: k = (kh, kw, ci). The kernel's rows are output positions. Rows or Dense input
/// of `inputHeight` x `inputWidth` positions per image.
struct GatherWindows {
  Place input;
  int64_t inputHeight = 0, inputWidth = 0, inputChannels = 0;
  int64_t kernelHeight = 0, kernelWidth = 0;
  int64_t strideHeight = 1, strideWidth = 1;
  int64_t paddingHeight = 0, paddingWidth = 0;
  int64_t channels() const { return kernelHeight * kernelWidth * inputChannels; }
};

/// Depthwise convolution, stride 1, output of the input's size (padding = kernel / 2), bias not included. Line axis only.
struct DepthwiseWindows {
  Place input; // PaddedImage with padding = kernelWidth / 2, or Rows (slower)
  int64_t channels = 0;
  int64_t kernelHeight = 0, kernelWidth = 0; // odd
  unsigned taps = 0;                         // operand
};

/// Mean over the valid positions of a size x size window, minus the centre; or the adjoint of that map. Line axis only.
struct PoolMix {
  Place input; // Rows
  int64_t channels = 0;
  int64_t size = 0;
  bool adjoint = false;
};

/// Mean over all positions of an image; the kernel's rows are images.
struct AveragePool {
  Place input; // Rows
  int64_t positions = 0;
  int64_t channels = 0;
};

/// Writes line statistics of rows already written (Rows or ScratchRows) to operand `output`; has no chain. Line axis only.
struct LineStatistics {
  Place input;
  int64_t channels = 0;
  int64_t groups = 1;
  unsigned output = 0;
};

/// Input gradient of a strided convolution. Rows are positions of the convolution's input, `input` is the gradient of its result. Each
/// tap is a contraction of the rows of `input` it reaches; they are added up in scratch value `output`, in the order of taps, for the
/// segments behind; has no chain. Line axis only.
struct TransposedWindows {
  Place input; // Rows
  int64_t inputHeight = 0, inputWidth = 0, inputChannels = 0;
  int64_t kernelHeight = 0, kernelWidth = 0;
  int64_t strideHeight = 1, strideWidth = 1;
  int64_t paddingHeight = 0, paddingWidth = 0;
  int64_t channels = 0;
  unsigned weights = 0; // operand: tap panels of the adjoint weight
  unsigned output = 0;
};

/// Every row of an image is that of the image; `input` has one row per image.
struct SpreadImages {
  Place input; // Rows
  int64_t channels = 0;
};

/// Input gradient of NormalizeRows: rstd (g - mean(g) - xhat mean(g xhat)), without mean(g) for `rms`.
struct NormalizeGradRows {
  Place input, gradient; // Rows or ScratchRows: x and g
  int64_t channels = 0;
  double eps = 0;
  bool rms = false;
};

/// The same for statistics of groups of channels over whole images. Sums over an image are made when the first of its rows is met.
struct ImageNormGrad {
  Place input, gradient; // Rows: x and g
  int64_t channels = 0;
  int64_t groups = 1;
  double eps = 0;
};

/// A loss of each row, one channel, or its gradient, `classes` channels.
struct LossRows {
  enum Kind { CrossEntropy, Binary };
  Kind kind = CrossEntropy;
  Place logits, targets; // Rows, Dense or ScratchRows
  int64_t classes = 0;
  bool gradient = false;
  int64_t channels() const { return gradient ? classes : 1; }
};

/// Writes the sum of each line of rows already written, of x or of x times other, as a row of operand `output` [N*H][Cp]; has no chain.
/// Line axis only.
struct LineSums {
  Place input; // Rows or ScratchRows
  std::optional<Place> other;
  int64_t channels = 0;
  unsigned output = 0;
};

using SegmentBody =
    std::variant<LoadRows, NormalizeRows, Contract, SpatialMatmul, GatherWindows, DepthwiseWindows, PoolMix, AveragePool,
                 LineStatistics, SpreadImages, NormalizeGradRows, ImageNormGrad, LossRows, TransposedWindows, LineSums>;

/// For each row and channel of the block: value = body, then the chain's steps, then its sinks.
struct Segment {
  SegmentBody body;
  Chain chain;
};

// ---- Kernels -----------------------------------------------------------------------------------------------------------

/// A value of one row block, in the worker's scratch.
struct ScratchValue {
  bool blocked = true; // else row-major
  int64_t channels = 0;
};

/// Statistics of whole images, combined from line statistics in the order of lines when the first row of an image is met.
struct ImageStatistics {
  unsigned lines = 0; // operand: line statistics
  int64_t groups = 1;
  int64_t channels = 0; // of the normalised map
  double eps = 0;
};

/// What iterations [begin, end) of the kernel count.
enum class RowsAxis {
  Rows,   // positions, N*H*W of them
  Lines,  // lines of `width` positions, N*H of them
  Panels, // column panels of the last segment, which must be a Contract; every worker computes all N*H*W rows of the others
};

/// Runs `segments` one after the other on blocks of `rowBlock` rows.
struct RowsKernel {
  RowsAxis axis = RowsAxis::Rows;
  int64_t height = 1, width = 1; // positions of one image; both 1 where rows are images
  int64_t rowBlock = 0;          // rows per block (a multiple of `width` on the line axis); chooseRowBlock() suggests one
  std::vector<ScratchValue> scratch;
  std::vector<ImageStatistics> statistics;
  std::vector<Segment> segments;
};

/// softmax(scale q k^T) v for one (image, head) per iteration: i = image * heads + head. qkv rows hold q of all heads, then k, then v.
struct AttentionKernel {
  unsigned qkv = 0, output = 1; // operands, activation rows
  int64_t qkvStride = 0, outputStride = 0;
  int64_t tokens = 0, heads = 0, headDim = 0;
  double scale = 1;
};

/// Gradient of AttentionKernel with respect to qkv; iterations as there. The softmax is computed again.
struct AttentionGradKernel {
  unsigned qkv = 0, gradient = 1, output = 2; // operands, activation rows: qkv, dout, dqkv
  int64_t qkvStride = 0, gradientStride = 0;  // dqkv has the stride of qkv
  int64_t tokens = 0, heads = 0, headDim = 0;
  double scale = 1;
};

/// Dense u8 or f32 rows -> dense f32 rows: x * scale[c] + shift[c], one fma. Iterations are positions (N*H*W).
/// `scale` and `shift` are constants of the code, one number per channel.
struct ConvertInputKernel {
  unsigned input = 0, output = 1;
  bool inputIsByte = true;
  int64_t channels = 0;
  std::vector<double> scale, shift;
};

// ---- Kernels of `grad`: sums over all rows of a batch, written as the state dict stores a parameter ---------------------
//
// Rows are summed up in chunks whose size is a constant, and the chunks are added in ascending order. Iterations are parts of the
// result, so neither their cut nor the number of threads shows in the bits.

/// dW[o][i][kh][kw] = sum over output positions of dy[.][o] * x[the position's window][kh, kw, i]. A linear layer has a 1x1 window.
struct WeightGradKernel {
  GatherWindows windows;         // how x is read: Rows, or Dense for windows of few channels
  Place dy;                      // Rows
  int64_t height = 1, width = 1; // output positions of one image
  int64_t outputs = 0;
  unsigned output = 0;
};

/// dM[t][s] = sum over images and channels of dy[.][t][c] * x[.][s][c], for the positions t and s of an image.
struct SpatialGradKernel {
  Place x, dy; // Rows
  int64_t positions = 0, channels = 0;
  unsigned output = 0;
};

/// dW[c][kh][kw] = sum over positions of dy[.][c] * x[the position's window][kh, kw, c]; stride 1, padding = kernel / 2.
struct DepthwiseGradKernel {
  Place x, dy; // Rows, or PaddedImage with padding = kernelWidth / 2
  int64_t height = 1, width = 1, channels = 0;
  int64_t kernelHeight = 0, kernelWidth = 0; // odd
  unsigned output = 0;
};

/// out[c] = sum over rows of x[.][c], or of x * other; `total`: a single number, the sum over channels too.
struct ChannelSumKernel {
  Place x; // Rows
  std::optional<Place> other;
  int64_t positions = 1; // rows of one image
  int64_t channels = 0;
  bool total = false;
  unsigned output = 0;
};

/// out[c][p] = sum over images of x[image][p][c]; `total`: out[p], the sum over channels too.
struct BatchSumKernel {
  Place x; // Rows
  int64_t positions = 0, channels = 0;
  bool total = false;
  unsigned output = 0;
};

using KernelBody = std::variant<RowsKernel, AttentionKernel, AttentionGradKernel, ConvertInputKernel, WeightGradKernel,
                                SpatialGradKernel, DepthwiseGradKernel, ChannelSumKernel, BatchSumKernel, PackPanelsKernel,
                                PackTapsKernel, PackMatrixKernel, PackVectorKernel, PackPositionsKernel>;

struct KernelDescription {
  std::string name; // the function's symbol, unique in the module
  KernelBody body;
};

} // namespace archc::kernels

#endif // ARCHC_PASSES_KERNELS_KERNELDESCRIPTION_H
