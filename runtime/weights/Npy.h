//===- Npy.h - NumPy's array files ----------------------------------------===//
//
// Versions 1.0 and 2.0, C order, little-endian f4, f8 and u1: what inputs, outputs and taps need; i4 and i8 for labels.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_WEIGHTS_NPY_H
#define ARCHRT_WEIGHTS_NPY_H

#include "runtime/core/MappedFile.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace archrt {

enum class NpyType { F32, F64, U8, I32, I64 };

struct NpyArray {
  NpyType type = NpyType::F32;
  std::vector<int64_t> shape;
  ByteView bytes; // need not be aligned
  std::shared_ptr<MappedFile> file;

  int64_t elementCount() const;
};

/// No integers of more than 8 bits.
Result<NpyArray> readNpy(const std::string &path);
/// Integers only: `|u1`, `<i4` and `<i8`, as labels come.
Result<std::vector<int64_t>> readNpyIntegers(const std::string &path);
/// `bytes` must outlive the result.
Result<NpyArray> parseNpy(ByteView bytes);

/// Writes to a temporary file beside `path` and renames it.
Status writeNpy(const std::string &path, const std::vector<int64_t> &shape, const float *data);

} // namespace archrt

#endif // ARCHRT_WEIGHTS_NPY_H
