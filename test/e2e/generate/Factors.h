//===- Factors.h - What a generated spec may vary, and how ----------------===//
//
// Kinds come from the registry of components: one that is added takes part without an edit here.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_TEST_E2E_GENERATE_FACTORS_H
#define ARCHC_TEST_E2E_GENERATE_FACTORS_H

#include "test/e2e/generate/Draw.h"

namespace archc::test {

/// Those up to Order are about a block, the others about the model around it.
enum class FactorId {
  Norm,
  Affine,
  Activation,
  StarRelu,
  Scale,
  ScalePer,
  Mixer,
  MixerVariant,
  Channel,
  ChannelVariant,
  Branches,
  Arrangement,
  Order,
  Embed,
  EmbedNorm,
  Position,
  Placement,
  Widths,
  Input,
  HeadOrder,
  HeadNorm,
  Classifier,
};
constexpr size_t kBlockFactors = static_cast<size_t>(FactorId::Order) + 1;
constexpr size_t kFactorCount = static_cast<size_t>(FactorId::Classifier) + 1;

struct Factor {
  std::string name;
  std::vector<std::string> levels;
};

/// In the order of FactorId.
const std::vector<Factor> &factors();

/// A level per factor.
using Assignment = std::vector<size_t>;

const std::string &levelOf(const Assignment &assignment, FactorId factor);
bool has(const Assignment &assignment, FactorId factor, const std::string &level);

/// Whether the factor's level can be seen in the spec: `affine = "full"` cannot where there is no norm.
bool isActive(const Assignment &assignment, FactorId factor);

/// Whether values grow from block to block like squares: nothing brings them back to a size that does not depend on them. A model
/// can stand a few such blocks before values overflow.
bool grows(const Assignment &assignment);
/// A norm over the data keeps values near one; running statistics that are random numbers do not.
bool keepsSize(const Assignment &assignment);

/// Every level equally likely.
Assignment randomAssignment(Draw &draw);

} // namespace archc::test

#endif // ARCHC_TEST_E2E_GENERATE_FACTORS_H
