//===- TensorRules.h - How each tensor takes part in an update ------------===//

#ifndef ARCHRT_TRAIN_TENSORRULES_H
#define ARCHRT_TRAIN_TENSORRULES_H

#include "runtime/train/GradientStep.h"

namespace archrt::train {

struct TensorRule {
  bool frozen = false;      // stays as it is; its gradient counts nowhere
  double decay = 0;         // weight decay
  double rateScale = 1;     // factor of the learning rate
  int64_t units = 1;        // rows that adaptive clipping looks at one by one: the outputs of a matrix
  bool adaptiveClip = true; // timm leaves the last two tensors, the classifier, out
};

struct TensorRuleOptions {
  double decay = 0;
  /// The rate of layer l of L is multiplied by layerDecay^(L - l). A layer is a block with what leads to it; before the first stage
  /// and behind the last are layers of their own.
  double layerDecay = 1;
  std::vector<std::string> freeze; // name patterns with `*` and `?`
};

/// Per entry of the layout. Weight decay goes to the tensors that the artifact marks: timm's rule, matrices and kernels only. Fails
/// on a pattern that matches no parameter, and when nothing is left to train.
Result<std::vector<TensorRule>> makeTensorRules(const abi::Model &model, const ParamLayout &layout,
                                                const TensorRuleOptions &options);

/// The layer of each entry, from 0.
std::vector<int> layersOf(const abi::Model &model, const ParamLayout &layout);

} // namespace archrt::train

#endif // ARCHRT_TRAIN_TENSORRULES_H
