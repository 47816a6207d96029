//===- Attention.h - The widths of attention ------------------------------===//

#ifndef ARCHC_FRONTEND_COMPONENTS_ATTENTION_H
#define ARCHC_FRONTEND_COMPONENTS_ATTENTION_H

#include "frontend/model/Component.h"

namespace archc::spec {

struct HeadSizes {
  int64_t heads = 0, headDim = 0;
  int64_t innerWidth() const { return heads * headDim; }
};

/// From `heads` and `head_dim`; the one that is not given is what the other leaves of `dim`.
HeadSizes headSizes(const Component &attention, int64_t dim);

} // namespace archc::spec

#endif // ARCHC_FRONTEND_COMPONENTS_ATTENTION_H
