//===- SpecText.h - A whole generated spec --------------------------------===//

#ifndef ARCHC_TEST_E2E_GENERATE_SPECTEXT_H
#define ARCHC_TEST_E2E_GENERATE_SPECTEXT_H

#include "test/e2e/generate/CoveringArray.h"

#include <string>

namespace archc::test {

/// What is not a level: every spec of the covering array keeps to them, a random spec may state more.
enum class Extras { None, Overrides };

/// TOML of a small model: two or three stages of blocks `main` and `other`.
std::string writeSpec(const std::string &name, const SpecLevels &levels, Draw &draw, Extras extras);

} // namespace archc::test

#endif // ARCHC_TEST_E2E_GENERATE_SPECTEXT_H
