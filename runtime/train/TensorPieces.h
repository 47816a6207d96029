//===- TensorPieces.h - All trainable tensors, cut for threads ------------===//
//
// Passes over parameters, gradients and moments are bound by memory. They run over pieces of fixed size, and sums are kept per piece
// and added in order, so that no number depends on how many threads there are.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_TRAIN_TENSORPIECES_H
#define ARCHRT_TRAIN_TENSORPIECES_H

#include "runtime/train/GradientStep.h"

namespace archrt::train {

/// Where each entry of a layout begins: in a flat arena or in a store.
using TensorPointers = std::vector<float *>;
TensorPointers pointersInto(float *arena, const ParamLayout &layout);
/// All parameters of the layout are in memory.
TensorPointers pointersInto(ParamStore &store, const ParamLayout &layout);

class TensorPieces {
public:
  struct Piece {
    size_t tensor;       // entry of the layout
    int64_t begin, size; // in floats, inside the tensor
  };

  explicit TensorPieces(const ParamLayout &layout);

  /// Calls `pass(piece)` for all pieces, on all threads. Takes the pool's lock.
  template <typename Pass> void forEach(ThreadPool &pool, const Pass &pass) const {
    auto owner = pool.lock();
    pool.parallelFor(static_cast<int64_t>(pieces.size()), 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; ++i)
        pass(pieces[i]);
    });
  }

  /// Calls `pass(tensor, size)` for all tensors, each on one thread.
  template <typename Pass> void forEachTensor(ThreadPool &pool, const Pass &pass) const {
    auto owner = pool.lock();
    pool.parallelFor(static_cast<int64_t>(sizes.size()), 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; ++i)
        pass(static_cast<size_t>(i), sizes[i]);
    });
  }

  /// Per tensor, the sum over its pieces of `term(piece)`.
  template <typename Term> std::vector<double> sumPerTensor(ThreadPool &pool, const Term &term) const {
    std::vector<double> parts(pieces.size());
    forEach(pool, [&](const Piece &piece) { parts[&piece - pieces.data()] = term(piece); });
    std::vector<double> sums(sizes.size());
    for (size_t i = 0; i < pieces.size(); ++i)
      sums[pieces[i].tensor] += parts[i];
    return sums;
  }

private:
  std::vector<int64_t> sizes; // of the tensors, in floats
  std::vector<Piece> pieces;
};

/// In f64, with a fixed order of the terms.
double sumOfSquares(const float *values, int64_t count);

} // namespace archrt::train

#endif // ARCHRT_TRAIN_TENSORPIECES_H
