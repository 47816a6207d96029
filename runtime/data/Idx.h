//===- Idx.h - The files of MNIST and its successors ----------------------===//
//
// One array of unsigned bytes per file, plain or gzipped, extents big-endian. Data sets of labelled images are pairs of them.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_DATA_IDX_H
#define ARCHRT_DATA_IDX_H

#include "runtime/core/Status.h"

#include <cstdint>
#include <string>
#include <vector>

namespace archrt {

struct IdxArray {
  std::vector<int64_t> shape;
  std::vector<uint8_t> values;
};

/// Reads `path`; its rank must be `rank`. Allocates no more than the file holds.
Result<IdxArray> readIdx(const std::string &path, size_t rank);

/// Grey images and their classes.
struct LabelledImages {
  int64_t count = 0, height = 0, width = 0;
  std::vector<uint8_t> pixels; // [count, height, width]
  std::vector<uint8_t> labels; // [count]

  const uint8_t *image(int64_t index) const { return pixels.data() + index * height * width; }
};

enum class Split { Train, Test };

/// `source` is a folder with the four files of MNIST (`t10k-images-idx3-ubyte`, with or without `.gz`), or the name
/// `fashion-mnist`: the folder of Debian's package dataset-fashion-mnist.
Result<LabelledImages> readLabelledImages(const std::string &source, Split split);

/// What the classes of `source` are called; empty when only their numbers are known.
std::vector<std::string> classNames(const std::string &source);

} // namespace archrt

#endif // ARCHRT_DATA_IDX_H
