//===- JsonScanner.h - Pull parser for the JSON of safetensors headers ----===//
//
// Reads exactly what the caller expects next and says where it found something else; so that keys, numbers and nesting are
// checked once, without building a tree.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_WEIGHTS_JSONSCANNER_H
#define ARCHRT_WEIGHTS_JSONSCANNER_H

#include "runtime/core/Status.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace archrt {

class JsonScanner {
public:
  explicit JsonScanner(std::string_view text) : text(text) {}

  /// Calls `member` with each key, the scanner standing before its value. Duplicate keys are errors.
  Status object(const std::function<Status(const std::string &key)> &member);
  /// A string with all escapes resolved to UTF-8.
  Result<std::string> string();
  /// `[n, n, …]`, non-negative integers that fit 63 bits.
  Result<std::vector<int64_t>> integers();
  /// Only spaces may follow.
  Status end();

private:
  Status expect(char wanted);
  bool accept(char wanted);
  void skipSpace();
  Status error(std::string_view expected) const;
  Result<int64_t> integer();
  Status escape(std::string &out);
  Result<uint32_t> hexUnit();

  std::string_view text;
  size_t position = 0;
};

/// Whether `text` is well-formed UTF-8.
bool isUtf8(std::string_view text);

} // namespace archrt

#endif // ARCHRT_WEIGHTS_JSONSCANNER_H
