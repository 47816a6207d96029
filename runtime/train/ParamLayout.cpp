#include "runtime/train/GradientStep.h"

namespace archrt::train {

/// One cache line, so that no two parameters share one and every one starts a vector.
static constexpr int64_t kGranule = kBufferAlignment / sizeof(float);

ParamLayout ParamLayout::of(const abi::Model &model) {
  ParamLayout layout;
  for (uint32_t i = 0; i < sizeOf(model.params()); ++i) {
    const abi::Param &param = *model.params()->Get(i);
    if (param.role() != abi::Role::Trainable || param.dtype() != abi::DType::F32)
      continue;
    int64_t size = 1;
    for (size_t d = 0; d < sizeOf(param.shape()); ++d)
      size *= param.shape()->Get(d);
    layout.entries.push_back({i, layout.total, size});
    layout.total += (size + kGranule - 1) / kGranule * kGranule;
  }
  return layout;
}

} // namespace archrt::train
