//===- BlockText.h - A block of a generated spec --------------------------===//

#ifndef ARCHC_TEST_E2E_GENERATE_BLOCKTEXT_H
#define ARCHC_TEST_E2E_GENERATE_BLOCKTEXT_H

#include "test/e2e/generate/ComponentText.h"
#include "test/e2e/generate/Factors.h"

namespace archc::test {

/// Writes `[block.NAME]` with the levels of an assignment.
class BlockText {
public:
  BlockText(const Assignment &levels, Draw &draw, int64_t commonWidth)
      : levels(levels), draw(draw), components(draw, commonWidth) {}

  /// With `branchKeys`, branches may state a norm, scale or order of their own.
  std::string write(const std::string &name, bool branchKeys);

  /// The mixer alone, for a block that extends another.
  std::string mixer(const std::string &more = "");

private:
  std::string channel(const std::string &more);
  std::string norm();
  std::string scale();
  std::string branches() const;
  std::string ownKeys();
  void fixActivations(FixedKeys &keys);

  const Assignment &levels;
  Draw &draw;
  ComponentText components;
  bool activationOfBlock = false; // stated once, for all branches
};

} // namespace archc::test

#endif // ARCHC_TEST_E2E_GENERATE_BLOCKTEXT_H
