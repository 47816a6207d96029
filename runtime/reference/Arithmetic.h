//===- Arithmetic.h - Sums, products of matrices, loops over threads ------===//

#ifndef ARCHRT_REFERENCE_ARITHMETIC_H
#define ARCHRT_REFERENCE_ARITHMETIC_H

#include <cstdint>
#include <functional>
#include <vector>

namespace archrt::reference {

/// Runs body(begin, end) over pieces of [0, count) on as many threads as the host has. Results must not depend on the pieces.
void parallelFor(int64_t count, const std::function<void(int64_t begin, int64_t end)> &body);

/// term(begin) + ... + term(end - 1), halved recursively down to runs of 16: rounding grows with log(n), not n.
template <typename T, typename Term> T pairwiseSum(int64_t begin, int64_t end, const Term &term) {
  if (end - begin <= 16) {
    T sum = 0;
    for (int64_t i = begin; i < end; ++i)
      sum += term(i);
    return sum;
  }
  int64_t middle = begin + (end - begin) / 2;
  return pairwiseSum<T>(begin, middle, term) + pairwiseSum<T>(middle, end, term);
}

/// The rows that `productWithRows` multiplies by, stored so that its inner loop runs over outputs.
template <typename T> class TransposedMatrix {
public:
  /// `matrix` is [outputs, inputs], row-major.
  TransposedMatrix(const T *matrix, int64_t outputs, int64_t inputs);

  /// y[o] = sum over k, in order, of matrix[o][k] * x[k], then + bias[o] unless `bias` is null; for `rows` rows of x and y.
  void multiply(const T *x, int64_t rows, const T *bias, T *y) const;

private:
  static constexpr int64_t kPanel = 32, kRows = 4;
  void multiplyPanel(const T *x, int64_t rows, int64_t panel, T (*sums)[kPanel]) const;

  int64_t outputs, inputs;
  std::vector<T> panels; // [ceil(outputs / kPanel)][inputs][kPanel], zero behind the last output
};

} // namespace archrt::reference

#endif // ARCHRT_REFERENCE_ARITHMETIC_H
