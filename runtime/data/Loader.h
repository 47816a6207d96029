//===- Loader.h - Batches read ahead of the step --------------------------===//
//
// Threads read, augment and normalise the images of the coming batches. What a batch holds is a function of the options, the epoch and
// the place: each image has a stream of random numbers of its own (seed, epoch, image, repetition), each batch one for mixing (seed,
// epoch, first place). Which thread does what, and how many there are, shows in nothing but time.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_DATA_LOADER_H
#define ARCHRT_DATA_LOADER_H

#include "runtime/data/Dataset.h"
#include "runtime/data/augment/Mix.h"
#include "runtime/train/BatchSource.h"

namespace archrt::data {

struct LoaderOptions {
  // What the model takes.
  int64_t channels = 3, classes = 0;
  EvalTransform transform; // size, crop fraction, interpolation
  std::vector<float> mean, std;

  // The order.
  uint64_t seed = 0;
  bool shuffle = false;
  int64_t repeats = 1;
  int64_t limit = 0; // only so many images, spread evenly; 0: all

  // What is done to the images. Without `training`, nothing but the transform.
  bool training = false;
  AugmentOptions augment;
  MixOptions mix;
  int64_t mixOffEpoch = 0; // 0: never
  double smoothing = 0;

  // How they are read.
  int loaders = 1; // threads; 0: the caller of next() reads
  int64_t prefetch = 2;
  bool skipCorrupt = false;
};

/// How long the consumer waited for data, since the loader was made.
struct WaitTimes {
  double waiting = 0, total = 0; // seconds
  double share() const { return total > 0 ? waiting / total : 0; }
};

/// An image that could not be read, and why.
struct CorruptImage {
  std::string name, reason;
};

class Loader : public train::BatchSource {
public:
  static Result<std::unique_ptr<Loader>> create(std::shared_ptr<const Dataset> dataset, LoaderOptions options);

  virtual WaitTimes waitTimes() const = 0;
  /// Those skipped since the last call, each named once.
  virtual std::vector<CorruptImage> takeCorrupt() = 0;
};

} // namespace archrt::data

#endif // ARCHRT_DATA_LOADER_H
