//===- EpochOrder.h - In which order an epoch shows its images ------------===//

#ifndef ARCHRT_DATA_EPOCHORDER_H
#define ARCHRT_DATA_EPOCHORDER_H

#include <cstdint>
#include <vector>

namespace archrt::data {

struct OrderOptions {
  int64_t images = 0; // of the data set
  /// Only so many, spread evenly: a folder's images come class by class. 0: all.
  int64_t limit = 0;
  bool shuffle = true;
  /// Each image stands so often in a row; the epoch has no more places for that, as timm's RepeatAugSampler does.
  int64_t repeats = 1;
  uint64_t seed = 0;
};

/// Places of an epoch.
int64_t placesOf(const OrderOptions &options);

/// The image at each place: a function of options and epoch alone. Without shuffling, all epochs are alike.
std::vector<int64_t> epochOrder(const OrderOptions &options, int64_t epoch);

} // namespace archrt::data

#endif // ARCHRT_DATA_EPOCHORDER_H
