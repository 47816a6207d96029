//===- PrepareDescription.h - Kernels that derive weights -----------------===//
//
// Kernels of `prepare`: canonical parameters to packed weights, in f64, rounded once. Layouts and operands as in KernelDescription.h.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_PASSES_KERNELS_PREPAREDESCRIPTION_H
#define ARCHC_PASSES_KERNELS_PREPAREDESCRIPTION_H

#include <cstdint>
#include <optional>
#include <vector>

namespace archc::kernels {

/// A factor of a product. Row counts output channels n, Column counts k of the weight (for a convolution: the input channel), at
/// element i * step of operand `operand`.
struct Factor {
  enum Kind { Element, InverseSqrt /* 1/sqrt(element + number) */, Number };
  enum Index { None, Row, Column };
  Kind kind = Number;
  Index index = None;
  unsigned operand = 0;
  double number = 1;

  static Factor constant(double number) { return {Number, None, 0, number}; }
  static Factor scalar(unsigned operand) { return {Element, None, operand, 1}; }
  static Factor row(unsigned operand) { return {Element, Row, operand, 1}; }
  static Factor column(unsigned operand) { return {Element, Column, operand, 1}; }
  static Factor inverseSqrt(Index index, unsigned operand, double eps) { return {InverseSqrt, index, operand, eps}; }
};

/// A weight in timm's layout: [outputs][inputs/groups][kernelHeight][kernelWidth] (a linear layer has a 1x1 kernel).
struct WeightShape {
  unsigned operand = 0;
  int64_t outputs = 0, inputs = 0;
  int64_t kernelHeight = 1, kernelWidth = 1;
  int64_t groups = 1;
  /// The operand is the weight that this one is the adjoint of: [inputs][outputs/groups][kernelHeight][kernelWidth], with the taps in
  /// opposite order.
  bool adjoint = false;
};

/// panels[n/NR][k][n%NR] = W[n][k] * product of `scale`. One iteration per panel (of one tap).
struct PackPanelsKernel {
  WeightShape weight;
  std::vector<Factor> scale;
  bool byTap = false; // the panels of one tap after those of another: tap panels
  unsigned output = 0;
};

/// taps[c/VL][t][c%VL] = W[c][t] * product of `scale` (Row = c). One iteration: all.
struct PackTapsKernel {
  int64_t channels = 0, taps = 0; // weight [channels][1][kh][kw], taps = kh*kw
  unsigned weight = 0;
  std::vector<Factor> scale;
  unsigned output = 0;
  bool adjoint = false; // taps in opposite order
};

/// blocked[s/VL][t][s%VL] = matrix[t][s] * product of `scale` (Row = t, Column = s). One iteration: all.
struct PackMatrixKernel {
  int64_t size = 0;
  unsigned matrix = 0;
  std::vector<Factor> scale;
  unsigned output = 0;
  bool adjoint = false; // matrix[s][t] instead
};

/// A product of factors; with `weight`, times the sum over k of W[n][k] * product of `columns` (all kernel positions).
struct Term {
  std::vector<Factor> factors;
  std::optional<WeightShape> weight;
  std::vector<Factor> columns;
};

/// out[i] = sum of `terms` for i < size (Row = i % period), zeros up to `padded`. period 0 means size. One iteration: all.
struct PackVectorKernel {
  int64_t size = 0, padded = 0, period = 0;
  std::vector<Term> terms;
  unsigned output = 0;
};

/// out[h*W + w][c] = in[c][h][w] (an affine map [C,H,W] or a position embedding [1,C,H,W]) as rows `stride` apart, zeros in the
/// padding. One iteration: all.
struct PackPositionsKernel {
  int64_t channels = 0, positions = 0, stride = 0;
  unsigned input = 0, output = 1;
};

} // namespace archc::kernels

#endif // ARCHC_PASSES_KERNELS_PREPAREDESCRIPTION_H
