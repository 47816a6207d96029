#include "frontend/diagnostics/VerifyExpected.h"

#include <algorithm>
#include <regex>

namespace archc::spec {

namespace {

struct Expectation {
  std::string severity, file, text;
  uint32_t line = 0;
  uint32_t writtenAt = 0;
  bool met = false;
};

struct Found {
  std::string severity, file, text;
  uint32_t line = 0;
};

std::string lastPart(const std::string &path) { return path.substr(path.rfind('/') + 1); }

uint32_t lineOf(const std::string &where, uint32_t here) {
  if (where.empty())
    return here;
  auto number = static_cast<uint32_t>(std::stoul(where.substr(where[0] == '+' || where[0] == '-')));
  return where[0] == '+' ? here + number : where[0] == '-' ? here - number : number;
}

std::vector<Expectation> expectationsIn(const std::string &text, const std::string &file) {
  static const std::regex pattern(R"(expected-(error|note)(?:@(?:([^\s:@{]+):)?([+-]?\d+))?\s*\{\{(.*?)\}\})");
  std::vector<Expectation> expectations;
  uint32_t line = 1;
  for (size_t begin = 0; begin <= text.size(); ++line) {
    size_t end = std::min(text.find('\n', begin), text.size());
    std::string content = text.substr(begin, end - begin);
    for (std::sregex_iterator match(content.begin(), content.end(), pattern), last; match != last; ++match) {
      std::string other = (*match)[2];
      expectations.push_back({(*match)[1], other.empty() ? file : other, (*match)[4], lineOf((*match)[3], line), line, false});
    }
    begin = end + 1;
  }
  return expectations;
}

std::vector<Found> allFound(const DiagnosticEngine &diagnostics) {
  std::vector<Found> found;
  auto add = [&](const char *severity, const SourceRange &range, std::string text) {
    found.push_back({severity, lastPart(diagnostics.fileName(range.file)), std::move(text), range.line});
  };
  for (const Diagnostic &diagnostic : diagnostics.sorted()) {
    std::string hint = diagnostic.hint.empty() ? "" : "; " + diagnostic.hint;
    add("error", diagnostic.range, diagnostic.message + hint + " [" + infoOf(diagnostic.code).number + "]");
    for (const DiagnosticNote &note : diagnostic.notes)
      add("note", note.range, note.message);
  }
  return found;
}

bool fits(const Expectation &expected, const Found &found) {
  return !expected.met && expected.severity == found.severity && expected.file == found.file && expected.line == found.line &&
         found.text.find(expected.text) != std::string::npos;
}

} // namespace

std::vector<std::string> verifyExpected(const DiagnosticEngine &diagnostics) {
  const std::string &file = diagnostics.fileName(0);
  std::vector<Expectation> expectations = expectationsIn(diagnostics.fileText(0), lastPart(file));
  std::vector<std::string> complaints;
  for (const Found &found : allFound(diagnostics)) {
    auto expected = std::find_if(expectations.begin(), expectations.end(),
                                 [&](const Expectation &candidate) { return fits(candidate, found); });
    if (expected != expectations.end())
      expected->met = true;
    else
      complaints.push_back(found.file + ":" + std::to_string(found.line) + ": unexpected " + found.severity + ": " + found.text);
  }
  for (const Expectation &expected : expectations)
    if (!expected.met)
      complaints.push_back(file + ":" + std::to_string(expected.writtenAt) + ": expected " + expected.severity + " `" +
                           expected.text + "` at " + expected.file + ":" + std::to_string(expected.line) + " was not produced");
  return complaints;
}

std::vector<std::string> splitInput(const std::string &text) {
  std::vector<std::string> parts(1);
  std::string padding;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = std::string_view(text).substr(begin, end - begin);
    padding += '\n';
    if (line.rfind("# -----", 0) == 0)
      parts.push_back(padding);
    else
      parts.back() += std::string(line) + "\n";
    begin = end + 1;
  }
  return parts;
}

} // namespace archc::spec
