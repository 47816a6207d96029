#include "frontend/diagnostics/DiagnosticEngine.h"
#include "frontend/diagnostics/Utf8.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>
#include <tuple>

namespace archc::spec {

uint32_t DiagnosticEngine::addFile(std::string name, std::string text) {
  files.push_back({std::move(name), std::move(text)});
  return static_cast<uint32_t>(files.size() - 1);
}

std::vector<std::string> DiagnosticEngine::fileNames() const {
  std::vector<std::string> names;
  for (const File &file : files)
    names.push_back(file.name);
  return names;
}

static bool samePlace(const SourceRange &a, const SourceRange &b) {
  return std::tie(a.file, a.line, a.column) == std::tie(b.file, b.line, b.column);
}

Diagnostic &DiagnosticEngine::error(Code code, SourceRange range, std::string message) {
  // Nobody reads more, and a broken file of megabytes must not take minutes.
  constexpr size_t most = 1000;
  if (found.size() >= most) {
    ++unsaid;
    return repeated;
  }
  for (const Diagnostic &other : found)
    if (other.code == code && samePlace(other.range, range) && other.message == message)
      return repeated;
  found.push_back({code, range, std::move(message), {}, ""});
  return found.back();
}

int DiagnosticEngine::exitCode() const {
  if (found.empty())
    return 0;
  auto isBudget = [](const Diagnostic &diagnostic) { return diagnostic.code == Code::OverBudget; };
  return std::all_of(found.begin(), found.end(), isBudget) ? 3 : 2;
}

std::vector<Diagnostic> DiagnosticEngine::sorted() const {
  std::vector<Diagnostic> result = found;
  std::stable_sort(result.begin(), result.end(), [](const Diagnostic &a, const Diagnostic &b) {
    return std::tie(a.range.file, a.range.line, a.range.column) < std::tie(b.range.file, b.range.line, b.range.column);
  });
  return result;
}

// --- The clang form ------------------------------------------------------------

/// Line `number` (from 1) of `text`, without its end.
static std::string_view lineOf(std::string_view text, uint32_t number) {
  size_t begin = 0;
  for (uint32_t line = 1; line < number; ++line) {
    size_t end = text.find('\n', begin);
    if (end == std::string_view::npos)
      return {};
    begin = end + 1;
  }
  std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
  return !line.empty() && line.back() == '\r' ? line.substr(0, line.size() - 1) : line;
}

/// What stands before the caret: as wide as the line's first `column - 1` characters, tabs kept so that they line up.
static std::string indentTo(std::string_view line, uint32_t column) {
  std::string indent;
  for (char c : line) {
    bool continuesCharacter = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
    if (continuesCharacter)
      continue;
    if (indent.size() + 1 >= column)
      break;
    indent += c == '\t' ? '\t' : ' ';
  }
  while (indent.size() + 1 < column)
    indent += ' ';
  return indent;
}

static size_t charactersIn(std::string_view line) {
  return std::count_if(line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

/// A line too long to read is cut; bytes that are not UTF-8 or not printable are shown as `?`, so that a terminal is safe.
static std::string printable(std::string_view line) {
  std::string result;
  for (size_t at = 0; at < line.size();) {
    auto byte = static_cast<unsigned char>(line[at]);
    size_t length = utf8Length(line, at);
    bool shown = length && (byte >= 0x20 || byte == '\t') && byte != 0x7F;
    result += shown ? line.substr(at, length) : "?";
    at += length ? length : 1;
  }
  return result;
}

static void printSnippet(std::ostream &out, std::string_view text, const SourceRange &range) {
  constexpr size_t longestLine = 400;
  std::string_view line = lineOf(text, range.line);
  if (line.empty() || line.size() > longestLine)
    return;
  size_t end = range.endLine == range.line ? range.endColumn : charactersIn(line) + 1;
  size_t width = end > range.column ? end - range.column : 1;
  out << "  " << printable(line) << "\n  " << indentTo(line, range.column) << '^' << std::string(width - 1, '~') << '\n';
}

static std::string placeOf(const std::string &file, const SourceRange &range) {
  if (!range.line)
    return file + ": ";
  return file + ":" + std::to_string(range.line) + ":" + std::to_string(range.column) + ": ";
}

void DiagnosticEngine::print(std::ostream &out) const {
  auto show = [&](const SourceRange &range, const std::string &severity, const std::string &text) {
    std::string name = range.file < files.size() ? files[range.file].name : "archc";
    out << placeOf(name, range) << severity << ": " << text << '\n';
    if (range.line)
      printSnippet(out, files[range.file].text, range);
  };
  for (const Diagnostic &diagnostic : sorted()) {
    std::string text = diagnostic.message;
    if (!diagnostic.hint.empty())
      text += "; " + diagnostic.hint;
    show(diagnostic.range, "error", text + " [" + infoOf(diagnostic.code).number + "]");
    for (const DiagnosticNote &note : diagnostic.notes)
      show(note.range, "note", note.message);
  }
  if (unsaid)
    out << "archc: note: " << unsaid << " more errors are not shown\n";
}

// --- JSON ------------------------------------------------------------------------

static nlohmann::ordered_json rangeJson(const std::string &file, const SourceRange &range) {
  return {
      {"file", file}, {"line", range.line}, {"column", range.column}, {"endLine", range.endLine}, {"endColumn", range.endColumn}};
}

std::string DiagnosticEngine::json() const {
  auto nameOf = [&](const SourceRange &range) { return range.file < files.size() ? files[range.file].name : ""; };
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Diagnostic &diagnostic : sorted()) {
    nlohmann::ordered_json entry = {{"code", infoOf(diagnostic.code).number}, {"severity", "error"}};
    entry.update(rangeJson(nameOf(diagnostic.range), diagnostic.range));
    entry["message"] = diagnostic.message;
    entry["hint"] = diagnostic.hint;
    entry["notes"] = nlohmann::ordered_json::array();
    for (const DiagnosticNote &note : diagnostic.notes) {
      nlohmann::ordered_json noteEntry = rangeJson(nameOf(note.range), note.range);
      noteEntry["message"] = note.message;
      entry["notes"].push_back(noteEntry);
    }
    list.push_back(entry);
  }
  return list.dump(2, ' ', /*ensure_ascii=*/false, nlohmann::ordered_json::error_handler_t::replace);
}

} // namespace archc::spec
