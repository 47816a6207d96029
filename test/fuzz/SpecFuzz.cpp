// Any text as a spec: parsed, resolved, checked and counted, or refused with diagnostics that can be printed.

#include "frontend/Frontend.h"

#include <cstdlib>
#include <sstream>

using namespace archc::spec;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  LoadOptions options;
  options.spec = "fuzzed.toml";
  options.text = std::string(reinterpret_cast<const char *>(data), size);
  Architecture architecture;
  DiagnosticEngine diagnostics;
  bool loaded = loadArchitecture(options, architecture, diagnostics);
  if (loaded && checkBudget(architecture, diagnostics))
    return 0;
  std::ostringstream out;
  diagnostics.print(out);
  if (out.str().empty() || diagnostics.json().empty())
    std::abort(); // refused without a word
  return 0;
}
