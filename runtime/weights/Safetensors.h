//===- Safetensors.h - Read and write safetensors files -------------------===//
//
// The whole format is checked on opening: header length, JSON shape, duplicate keys, offsets without holes or overlaps, sizes
// against shapes. Everything is little-endian and row-major.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_WEIGHTS_SAFETENSORS_H
#define ARCHRT_WEIGHTS_SAFETENSORS_H

#include "runtime/core/MappedFile.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace archrt {

/// One tensor; `dtype` is the format's own word ("F32", "BF16", "I64"). `bytes` need not be aligned.
struct SafeTensor {
  std::string name;
  std::string dtype;
  std::vector<int64_t> shape;
  ByteView bytes;
};

class SafetensorsFile {
public:
  static Result<SafetensorsFile> open(const std::string &path);
  /// `bytes` must outlive the result.
  static Result<SafetensorsFile> parse(ByteView bytes);

  /// In the order of their data in the file.
  const std::vector<SafeTensor> &tensors() const { return entries; }
  const SafeTensor *find(const std::string &name) const;
  const std::map<std::string, std::string> &metadata() const { return meta; }
  /// The whole file.
  ByteView bytes() const { return content; }
  /// What keeps the bytes of an opened file alive; null for parse().
  const std::shared_ptr<MappedFile> &file() const { return mapping; }

private:
  std::shared_ptr<MappedFile> mapping;
  ByteView content;
  std::vector<SafeTensor> entries;
  std::map<std::string, size_t> index;
  std::map<std::string, std::string> meta;
};

/// Bytes per element of a dtype word of the format; 0 when unknown.
int64_t safetensorsElementBytes(const std::string &dtype);

/// Writes all of it or nothing: to a temporary file beside `path`, synced, renamed. Data is 64-byte aligned in the file.
Status writeSafetensors(const std::string &path, const std::vector<SafeTensor> &tensors,
                        const std::map<std::string, std::string> &metadata = {});

/// The bytes that writeSafetensors would write.
Result<std::string> serializeSafetensors(const std::vector<SafeTensor> &tensors,
                                         const std::map<std::string, std::string> &metadata = {});

} // namespace archrt

#endif // ARCHRT_WEIGHTS_SAFETENSORS_H
