#include "runtime/core/AtomicFile.h"
#include "runtime/weights/JsonScanner.h"
#include "runtime/weights/Safetensors.h"

#include <cstdio>
#include <cstring>
#include <set>

namespace archrt {

static constexpr size_t kDataAlignment = 64;

static void appendQuoted(std::string &out, const std::string &text) {
  out += '"';
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof(escape), "\\u%04x", c);
      out += escape;
    } else {
      out += c;
    }
  }
  out += '"';
}

static Status checkTensor(const SafeTensor &tensor, std::set<std::string> &names) {
  int64_t bytes = safetensorsElementBytes(tensor.dtype);
  if (bytes == 0)
    return invalid("unknown dtype `", tensor.dtype, "`");
  for (int64_t extent : tensor.shape)
    if (extent < 0 || __builtin_mul_overflow(bytes, extent, &bytes))
      return invalid("its shape is negative or overflows");
  if (static_cast<uint64_t>(bytes) != tensor.bytes.size)
    return invalid("has ", tensor.bytes.size, " bytes; expected ", bytes, " for its shape and dtype");
  if (tensor.name == "__metadata__" || !isUtf8(tensor.name) || !names.insert(tensor.name).second)
    return invalid("its name is reserved, not UTF-8, or taken twice");
  return {};
}

static void appendEntry(std::string &header, const SafeTensor &tensor, size_t begin) {
  appendQuoted(header, tensor.name);
  header += ":{\"dtype\":";
  appendQuoted(header, tensor.dtype);
  header += ",\"shape\":[";
  for (size_t i = 0; i < tensor.shape.size(); ++i)
    header += (i ? "," : "") + std::to_string(tensor.shape[i]);
  header += concat("],\"data_offsets\":[", begin, ",", begin + tensor.bytes.size, "]}");
}

static Result<std::string> makeHeader(const std::vector<SafeTensor> &tensors,
                                      const std::map<std::string, std::string> &metadata) {
  std::string header = "{";
  if (!metadata.empty()) {
    header += "\"__metadata__\":{";
    for (const auto &[key, value] : metadata) {
      if (header.back() != '{')
        header += ',';
      appendQuoted(header, key);
      header += ':';
      appendQuoted(header, value);
    }
    header += '}';
  }
  std::set<std::string> names;
  size_t begin = 0;
  for (const SafeTensor &tensor : tensors) {
    ARCHRT_TRY(checkTensor(tensor, names).in(concat("`", tensor.name, "`")));
    if (header.size() > 1)
      header += ',';
    appendEntry(header, tensor, begin);
    begin += tensor.bytes.size;
  }
  header += '}';
  // Spaces at the end put the data on a 64-byte boundary, so that a mapped file is read without copies.
  header.append((kDataAlignment - (8 + header.size()) % kDataAlignment) % kDataAlignment, ' ');
  std::string prefix(8, '\0');
  uint64_t length = header.size();
  std::memcpy(prefix.data(), &length, 8);
  return prefix + header;
}

Status writeSafetensors(const std::string &path, const std::vector<SafeTensor> &tensors,
                        const std::map<std::string, std::string> &metadata) {
  ARCHRT_ASSIGN(std::string header, makeHeader(tensors, metadata));
  std::vector<ByteView> pieces = {ByteView(header)};
  for (const SafeTensor &tensor : tensors)
    pieces.push_back(tensor.bytes);
  return writeFileAtomically(path, pieces);
}

Result<std::string> serializeSafetensors(const std::vector<SafeTensor> &tensors,
                                         const std::map<std::string, std::string> &metadata) {
  ARCHRT_ASSIGN(std::string bytes, makeHeader(tensors, metadata));
  for (const SafeTensor &tensor : tensors)
    bytes += tensor.bytes.text();
  return bytes;
}

} // namespace archrt
