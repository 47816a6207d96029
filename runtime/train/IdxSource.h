//===- IdxSource.h - MNIST-like images without augmentation ---------------===//

#ifndef ARCHRT_TRAIN_IDXSOURCE_H
#define ARCHRT_TRAIN_IDXSOURCE_H

#include "runtime/api/Normalize.h"
#include "runtime/data/Idx.h"
#include "runtime/train/BatchSource.h"

#include <memory>

namespace archrt::train {

struct IdxSourceOptions {
  bool shuffle = false; // a new order for each epoch
  uint64_t seed = 0;
  double smoothing = 0; // share of a target spread over all classes
  int64_t limit = 0;    // only the first so many images; 0: all
  PixelStatistics statistics;
  ImageShape shape; // what the model takes
  int64_t classes = 10;
};

/// `source` is what readLabelledImages() takes. `pool` outlives the source.
Result<std::unique_ptr<BatchSource>> openIdxSource(const std::string &source, Split split, const IdxSourceOptions &options,
                                                   ThreadPool &pool);

} // namespace archrt::train

#endif // ARCHRT_TRAIN_IDXSOURCE_H
