//===- BatchSource.h - Where training and evaluation get their images from ===//
//
// A source knows the order of every epoch and hands it out in batches. What it gives is a function of its seed, the epoch and the
// place in the epoch's order, never of threads or of what was read before: a run that goes on in the middle of an epoch sees the
// images that it would have seen. What is drawn for a batch as a whole (mixup, cutmix) depends on seed, epoch and the batch's first
// place.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_TRAIN_BATCHSOURCE_H
#define ARCHRT_TRAIN_BATCHSOURCE_H

#include "runtime/core/Status.h"

#include <cstdint>
#include <string>
#include <vector>

namespace archrt::train {

/// Consecutive places of an epoch's order. The memory belongs to the source and lives until its next call.
struct Batch {
  int64_t count = 0;               // 0: the epoch is over
  const float *images = nullptr;   // dense [count, height, width, channels], normalised
  const float *targets = nullptr;  // dense [count, classes], soft: one-hot, smoothed, mixed
  const int32_t *labels = nullptr; // [count] the class of each image before mixing
};

/// Where reading begins. `first` is a multiple of `batch`.
struct EpochStart {
  int64_t epoch = 0; // from 0; a source for evaluation has the same order in each
  int64_t first = 0; // place in the epoch's order
  int64_t batch = 1; // images per next(); the last batch of an epoch may have fewer
};

/// One caller at a time. May read and decode ahead with threads of its own.
class BatchSource {
public:
  virtual ~BatchSource() = default;

  /// Places in the order of an epoch: images, times repeats where augmentation is repeated.
  virtual int64_t size() const = 0;
  virtual int64_t classes() const = 0;
  /// What the classes are called; empty when only their numbers are known.
  virtual std::vector<std::string> classNames() const { return {}; }
  /// Drops what was read ahead and goes to that place.
  virtual Status start(const EpochStart &from) = 0;
  /// The next batch. A file that cannot be read is an error that names it, or is replaced by another image where the source was
  /// told to skip such files.
  virtual Result<Batch> next() = 0;
};

} // namespace archrt::train

#endif // ARCHRT_TRAIN_BATCHSOURCE_H
