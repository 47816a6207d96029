#include "frontend/diagnostics/DiagnosticEngine.h"

namespace archc::spec {

const std::vector<CodeInfo> &allCodes() {
  static const std::vector<CodeInfo> codes = {
#define DIAGNOSTIC(number, name, title, explanation, example) {Code::name, number, title, explanation, example},
#include "frontend/diagnostics/Diagnostics.def"
  };
  return codes;
}

const CodeInfo &infoOf(Code code) { return allCodes()[static_cast<size_t>(code)]; }

const CodeInfo *findCode(const std::string &number) {
  for (const CodeInfo &info : allCodes())
    if (number == info.number)
      return &info;
  return nullptr;
}

} // namespace archc::spec
