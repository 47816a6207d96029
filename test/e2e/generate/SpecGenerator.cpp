#include "test/e2e/generate/SpecGenerator.h"

#include "test/e2e/generate/CoveringArray.h"
#include "test/e2e/generate/SpecText.h"

namespace archc::test {

std::string randomSpec(uint64_t seed) {
  Draw draw(seed, "random spec");
  SpecLevels levels = randomLevels(draw);
  return writeSpec("random_" + std::to_string(seed), levels, draw, Extras::Overrides);
}

static std::vector<std::string> writeCoveringSpecs() {
  std::vector<std::string> specs;
  for (const SpecLevels &levels : coveringLevels()) {
    Draw draw(specs.size(), "covering spec");
    specs.push_back(writeSpec("covering_" + std::to_string(specs.size()), levels, draw, Extras::None));
  }
  return specs;
}

const std::vector<std::string> &coveringSpecs() {
  static const std::vector<std::string> specs = writeCoveringSpecs();
  return specs;
}

} // namespace archc::test
