#include "runtime/train/TensorPieces.h"

#include <algorithm>

namespace archrt::train {

/// Four arrays of this many floats fit the second-level cache.
static constexpr int64_t kPieceFloats = 8192;

TensorPointers pointersInto(float *arena, const ParamLayout &layout) {
  TensorPointers pointers;
  for (const ParamLayout::Entry &entry : layout.entries)
    pointers.push_back(arena + entry.offset);
  return pointers;
}

TensorPointers pointersInto(ParamStore &store, const ParamLayout &layout) {
  TensorPointers pointers;
  for (const ParamLayout::Entry &entry : layout.entries)
    pointers.push_back(static_cast<float *>(store.mutableData(entry.param)));
  return pointers;
}

TensorPieces::TensorPieces(const ParamLayout &layout) {
  for (const ParamLayout::Entry &entry : layout.entries) {
    for (int64_t begin = 0; begin < entry.size; begin += kPieceFloats)
      pieces.push_back({sizes.size(), begin, std::min(kPieceFloats, entry.size - begin)});
    sizes.push_back(entry.size);
  }
}

double sumOfSquares(const float *values, int64_t count) {
  constexpr int64_t lanes = 8;
  double sums[lanes] = {};
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes)
    for (int64_t lane = 0; lane < lanes; ++lane)
      sums[lane] += double(values[i + lane]) * double(values[i + lane]);
  for (int64_t lane = 0; i < count; ++i, ++lane)
    sums[lane] += double(values[i]) * double(values[i]);
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

} // namespace archrt::train
