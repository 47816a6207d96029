//===- DiagnosticEngine.h - Problems of a spec, collected then shown ------===//
//
// Problems are collected, so that one run shows all of them, sorted by place. Kinds of problems are rows of Diagnostics.def;
// their codes never change meaning.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_FRONTEND_DIAGNOSTICS_DIAGNOSTICENGINE_H
#define ARCHC_FRONTEND_DIAGNOSTICS_DIAGNOSTICENGINE_H

#include "frontend/model/Component.h"

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace archc::spec {

/// One enumerator per row of Diagnostics.def.
enum class Code {
#define DIAGNOSTIC(number, name, title, explanation, example) name,
#include "frontend/diagnostics/Diagnostics.def"
};

/// What `archc help-error` knows about a code.
struct CodeInfo {
  Code code;
  const char *number; // "E0101"
  const char *title, *explanation, *example;
};

const std::vector<CodeInfo> &allCodes();
const CodeInfo &infoOf(Code code);
/// Null when there is no such number.
const CodeInfo *findCode(const std::string &number);

struct DiagnosticNote {
  SourceRange range;
  std::string message;
};

struct Diagnostic {
  Code code = Code::UnreadableFile;
  SourceRange range; // line 0: about the file as a whole
  std::string message;
  std::vector<DiagnosticNote> notes;
  std::string hint; // "did you mean `depth`?"; empty: none

  Diagnostic &note(SourceRange where, std::string text) {
    notes.push_back({where, std::move(text)});
    return *this;
  }
  Diagnostic &withHint(std::string text) {
    hint = std::move(text);
    return *this;
  }
};

class DiagnosticEngine {
public:
  /// Registers a source; the index returned is SourceRange::file.
  uint32_t addFile(std::string name, std::string text);
  void setText(uint32_t file, std::string text) { files[file].text = std::move(text); }
  const std::string &fileName(uint32_t file) const { return files[file].name; }
  const std::string &fileText(uint32_t file) const { return files[file].text; }
  std::vector<std::string> fileNames() const;

  /// The reference is good until the next call. The same message at the same place is kept once, and no more than 1000 are kept.
  Diagnostic &error(Code code, SourceRange range, std::string message);

  /// The one reported last; there must be one.
  Diagnostic &last() { return found.back(); }

  bool hasErrors() const { return !found.empty(); }
  /// 0, 2, or 3 when nothing but budgets is wrong.
  int exitCode() const;
  /// By file, line and column.
  std::vector<Diagnostic> sorted() const;

  /// `file:line:col: error: text [E0123]`, the line, a caret range; notes and hint below.
  void print(std::ostream &out) const;
  /// A JSON array of objects: code, severity, file, line, column, endLine, endColumn, message, hint, notes[].
  std::string json() const;

private:
  struct File {
    std::string name, text;
  };
  std::vector<File> files;
  std::vector<Diagnostic> found;
  Diagnostic repeated; // takes what is said about a diagnostic that is already there, or one too many
  size_t unsaid = 0;
};

/// The candidate nearest to `word` by edit distance, or "" when none is near enough to be what was meant.
std::string nearest(const std::string &word, const std::vector<std::string> &candidates);

/// "`a`, `b` or `c`".
std::string listOf(const std::vector<std::string> &words);

} // namespace archc::spec

#endif // ARCHC_FRONTEND_DIAGNOSTICS_DIAGNOSTICENGINE_H
