#include "runtime/reference/Arithmetic.h"

#include <algorithm>
#include <thread>

namespace archrt::reference {

void parallelFor(int64_t count, const std::function<void(int64_t begin, int64_t end)> &body) {
  int64_t workers = std::clamp<int64_t>(std::thread::hardware_concurrency(), 1, std::max<int64_t>(count, 1));
  std::vector<std::thread> threads;
  for (int64_t i = 1; i < workers; ++i)
    threads.emplace_back([&, i] { body(count * i / workers, count * (i + 1) / workers); });
  body(0, count / workers);
  for (std::thread &thread : threads)
    thread.join();
}

template <typename T>
TransposedMatrix<T>::TransposedMatrix(const T *matrix, int64_t outputs, int64_t inputs)
    : outputs(outputs), inputs(inputs), panels(static_cast<size_t>((outputs + kPanel - 1) / kPanel * kPanel * inputs)) {
  for (int64_t o = 0; o < outputs; ++o)
    for (int64_t k = 0; k < inputs; ++k)
      panels[(o / kPanel * inputs + k) * kPanel + o % kPanel] = matrix[o * inputs + k];
}

template <typename T> void TransposedMatrix<T>::multiplyPanel(const T *x, int64_t rows, int64_t panel, T (*sums)[kPanel]) const {
  const T *weights = panels.data() + panel * inputs * kPanel;
  for (int64_t r = 0; r < rows; ++r)
    std::fill_n(sums[r], kPanel, T(0));
  for (int64_t k = 0; k < inputs; ++k, weights += kPanel)
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t o = 0; o < kPanel; ++o)
        sums[r][o] += x[r * inputs + k] * weights[o];
}

template <typename T> void TransposedMatrix<T>::multiply(const T *x, int64_t rows, const T *bias, T *y) const {
  T sums[kRows][kPanel];
  for (int64_t first = 0; first < rows; first += kRows) {
    int64_t count = std::min(kRows, rows - first);
    for (int64_t panel = 0; panel * kPanel < outputs; ++panel) {
      multiplyPanel(x + first * inputs, count, panel, sums);
      int64_t width = std::min(kPanel, outputs - panel * kPanel);
      for (int64_t r = 0; r < count; ++r)
        for (int64_t o = 0; o < width; ++o) {
          int64_t output = panel * kPanel + o;
          y[(first + r) * outputs + output] = bias ? sums[r][o] + bias[output] : sums[r][o];
        }
    }
  }
}

template class TransposedMatrix<float>;
template class TransposedMatrix<double>;

} // namespace archrt::reference
