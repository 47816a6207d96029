//===- TrainData.h - The images that commands train and evaluate with -----===//

#ifndef ARCHC_TOOLS_DRIVER_TRAINDATA_H
#define ARCHC_TOOLS_DRIVER_TRAINDATA_H

#include "frontend/recipe/Recipe.h"
#include "runtime/api/Model.h"
#include "runtime/train/BatchSource.h"

#include <memory>

namespace archc::driver {

/// What a source needs to know; `pool` outlives it.
struct DataRequest {
  std::string data; // a name or a folder
  const archrt::Artifact *artifact = nullptr;
  archrt::ThreadPool *pool = nullptr;
};

/// The training split, ordered and augmented as the recipe says.
archrt::Result<std::unique_ptr<archrt::train::BatchSource>> openTrainSource(const DataRequest &request,
                                                                            const recipe::Recipe &recipe);

/// The test split in its own order; `limit` > 0: only its first images.
archrt::Result<std::unique_ptr<archrt::train::BatchSource>> openEvalSource(const DataRequest &request, int64_t limit);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_TRAINDATA_H
