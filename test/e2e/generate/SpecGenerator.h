//===- SpecGenerator.h - Specs that combine everything with everything ----===//
//
// Valid and small by construction (widths up to 48, inputs up to 40 pixels, two or three stages of at most three blocks), so that each
// compiles and runs in well under a second.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_TEST_E2E_GENERATE_SPECGENERATOR_H
#define ARCHC_TEST_E2E_GENERATE_SPECGENERATOR_H

#include <cstdint>
#include <string>
#include <vector>

namespace archc::test {

/// TOML of the random spec with this seed; the same on every host.
std::string randomSpec(uint64_t seed);

/// About sixty specs: every level of every factor (Factors.h) with every level of every other, in some block or model.
const std::vector<std::string> &coveringSpecs();

} // namespace archc::test

#endif // ARCHC_TEST_E2E_GENERATE_SPECGENERATOR_H
