#include "frontend/diagnostics/Utf8.h"
#include "frontend/parse/Parse.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sys/stat.h>

namespace archc::spec {

bool checkUtf8(uint32_t file, DiagnosticEngine &diagnostics) {
  const std::string &text = diagnostics.fileText(file);
  uint32_t line = 1, column = 1;
  for (size_t at = 0; at < text.size();) {
    size_t length = utf8Length(text, at);
    if (!length) {
      char hex[8];
      std::snprintf(hex, sizeof(hex), "0x%02X", static_cast<unsigned char>(text[at]));
      diagnostics.error(Code::NotUtf8, {file, line, column, line, column + 1},
                        std::string("byte `") + hex + "` is not UTF-8; expected a file saved as UTF-8");
      return false;
    }
    bool endsLine = text[at] == '\n';
    line += endsLine;
    column = endsLine ? 1 : column + 1;
    at += length;
  }
  return true;
}

/// The size of a file is not asked for: devices and pipes have none.
static std::optional<std::string> readUpTo(std::istream &stream, size_t most) {
  std::string text;
  char chunk[16384];
  do {
    stream.read(chunk, sizeof(chunk));
    text.append(chunk, static_cast<size_t>(stream.gcount()));
  } while (stream && text.size() < most);
  return stream.bad() ? std::nullopt : std::optional(std::move(text));
}

std::optional<uint32_t> readSpecFile(const std::string &path, SourceRange from, DiagnosticEngine &diagnostics) {
  constexpr size_t largestSpec = 4 << 20;
  if (!from.line)
    from.file = diagnostics.addFile(path, "");
  struct stat info;
  if (stat(path.c_str(), &info) != 0) {
    diagnostics.error(Code::UnreadableFile, from,
                      "cannot read `" + path + "`: " + std::strerror(errno) + "; expected a file or the name of a shipped one");
    return std::nullopt;
  }
  if (S_ISDIR(info.st_mode)) {
    diagnostics.error(Code::DirectoryAsFile, from, "`" + path + "` is a folder; expected a spec file");
    return std::nullopt;
  }
  std::ifstream stream(path, std::ios::binary);
  std::optional<std::string> text = stream ? readUpTo(stream, largestSpec + 1) : std::nullopt;
  if (!text) {
    diagnostics.error(Code::UnreadableFile, from, "cannot read `" + path + "`; expected a file that may be read");
    return std::nullopt;
  }
  if (text->size() > largestSpec) {
    diagnostics.error(Code::TooLarge, from, "`" + path + "` is larger than 4 MiB; expected a spec file");
    return std::nullopt;
  }
  uint32_t file = from.file;
  if (from.line)
    file = diagnostics.addFile(path, std::move(*text));
  else
    diagnostics.setText(file, std::move(*text));
  if (!checkUtf8(file, diagnostics))
    return std::nullopt;
  return file;
}

} // namespace archc::spec
