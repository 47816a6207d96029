#include "runtime/data/ImageReader.h"

#include <algorithm>

namespace archrt::data {

ImageReader::ImageReader(std::shared_ptr<const Dataset> dataset, const LoaderOptions &options)
    : dataset(std::move(dataset)), options(options), shape{options.transform.height, options.transform.width, options.channels},
      images(this->dataset->size()) {
  for (int64_t c = 0; c < options.channels; ++c)
    for (int value = 0; value < 256; ++value) {
      // Rounded operation by operation, as inference normalises: equal pixels give equal bits.
      float scaled = static_cast<float>(value) / 255.0f;
      normalised.push_back((scaled - options.mean[static_cast<size_t>(c)]) / options.std[static_cast<size_t>(c)]);
    }
}

Result<Image> ImageReader::transformed(const Image &image, Draws &draws) const {
  return options.training ? augment(image, options.transform, options.augment, draws)
                          : applyEvalTransform(image, options.transform);
}

Status ImageReader::readOne(const Place &place, float *out) const {
  ARCHRT_ASSIGN(Image image, dataset->read(place.image, options.channels));
  Draws draws(options.seed, "image/" + std::to_string(place.epoch) + "/" + std::to_string(place.image) + "/" +
                                std::to_string(place.repetition));
  ARCHRT_ASSIGN(Image ready, transformed(image, draws));
  auto channels = static_cast<size_t>(options.channels);
  for (size_t i = 0; i < ready.pixels.size(); ++i)
    out[i] = normalised[(i % channels) * 256 + ready.pixels[i]];
  if (options.training)
    erase(out, shape, options.augment.erase, draws);
  return {};
}

void ImageReader::note(int64_t image, const std::string &reason) {
  std::lock_guard<std::mutex> lock(mutex);
  if (known.insert(image).second)
    corrupt.push_back({dataset->nameOf(image), reason});
}

Result<int32_t> ImageReader::read(const Place &place, float *out) {
  // So many in a row that cannot be read are no accident.
  int64_t attempts = options.skipCorrupt ? std::min<int64_t>(images, 1000) : 1;
  Place tried = place;
  Status failed;
  for (int64_t i = 0; i < attempts; ++i, tried.image = (tried.image + 1) % images) {
    failed = readOne(tried, out);
    if (failed.ok())
      return dataset->label(tried.image);
    if (options.skipCorrupt)
      note(tried.image, failed.message());
  }
  if (options.skipCorrupt)
    return invalid(attempts, " images in a row cannot be read, the last being `", dataset->nameOf(place.image), "`");
  // What reads from a path names it already.
  std::string name = dataset->nameOf(place.image);
  return failed.message().find(name) == std::string::npos ? std::move(failed).in("`" + name + "`") : failed;
}

std::vector<CorruptImage> ImageReader::takeCorrupt() {
  std::lock_guard<std::mutex> lock(mutex);
  return std::exchange(corrupt, {});
}

} // namespace archrt::data
