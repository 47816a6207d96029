//===- Parse.h - TOML text to a located tree ------------------------------===//

#ifndef ARCHC_FRONTEND_PARSE_PARSE_H
#define ARCHC_FRONTEND_PARSE_PARSE_H

#include "frontend/parse/Tree.h"

namespace archc::spec {

/// Reads a file, checks that it is UTF-8 text with something in it, and registers it. Problems are reported at `from`
/// (the `extends` that named it; line 0: the command line).
std::optional<uint32_t> readSpecFile(const std::string &path, SourceRange from, DiagnosticEngine &diagnostics);

/// Reports the first byte of a registered file that is not UTF-8.
bool checkUtf8(uint32_t file, DiagnosticEngine &diagnostics);

/// The tree of a registered file; empty after an error, which has been reported.
std::optional<Node> parseToml(uint32_t file, DiagnosticEngine &diagnostics);

/// `--set key.path=value`, taken apart. Places are inside the argument, which is registered as a file of its own.
struct SetOption {
  std::vector<std::string> path;
  std::vector<SourceRange> keyRanges;
  Node value;
};
/// Empty after an error, which has been reported.
std::optional<SetOption> parseSet(const std::string &argument, DiagnosticEngine &diagnostics);

} // namespace archc::spec

#endif // ARCHC_FRONTEND_PARSE_PARSE_H
