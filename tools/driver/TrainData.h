//===- TrainData.h - The images that commands train and evaluate with -----===//

#ifndef ARCHC_TOOLS_DRIVER_TRAINDATA_H
#define ARCHC_TOOLS_DRIVER_TRAINDATA_H

#include "frontend/recipe/Recipe.h"
#include "runtime/data/Loader.h"
#include "runtime/graph/Artifact.h"

#include <memory>

namespace archc::driver {

/// The training split of `data` (a name or a folder), ordered and augmented as the recipe says, as `artifact` takes it.
archrt::Result<std::unique_ptr<archrt::data::Loader>> openTrainSource(const std::string &data, const archrt::Artifact &artifact,
                                                                      const recipe::Recipe &recipe);

struct EvalDataOptions {
  int64_t limit = 0; // only the first so many images; 0: all
  int loaders = 1;
  bool skipCorrupt = false;
};

/// The test split in its own order.
archrt::Result<std::unique_ptr<archrt::data::Loader>> openEvalSource(const std::string &data, const archrt::Artifact &artifact,
                                                                     const EvalDataOptions &options);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_TRAINDATA_H
