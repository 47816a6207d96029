//===- ImageReader.h - One place of an epoch, ready for the model ---------===//

#ifndef ARCHRT_DATA_IMAGEREADER_H
#define ARCHRT_DATA_IMAGEREADER_H

#include "runtime/data/Loader.h"

#include <mutex>
#include <set>

namespace archrt::data {

/// Turns images into what the model takes. Many threads may call it at once.
class ImageReader {
public:
  ImageReader(std::shared_ptr<const Dataset> dataset, const LoaderOptions &options);

  struct Place {
    int64_t epoch, image, repetition;
  };
  /// Writes the image and gives its class. A corrupt image is an error that names it or, where such are skipped, the next one in the
  /// data set that can be read takes its place.
  Result<int32_t> read(const Place &place, float *out);

  std::vector<CorruptImage> takeCorrupt();
  const Extents &extents() const { return shape; }

private:
  Result<Image> transformed(const Image &image, Draws &draws) const;
  Status readOne(const Place &place, float *out) const;
  void note(int64_t image, const std::string &reason);

  std::shared_ptr<const Dataset> dataset;
  const LoaderOptions &options;
  Extents shape;
  int64_t images;
  std::vector<float> normalised; // [channels, 256]: what each value becomes

  std::mutex mutex; // of what follows
  std::set<int64_t> known;
  std::vector<CorruptImage> corrupt;
};

} // namespace archrt::data

#endif // ARCHRT_DATA_IMAGEREADER_H
