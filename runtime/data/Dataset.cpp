#include "runtime/data/Dataset.h"

#include <algorithm>
#include <filesystem>

namespace archrt::data {

namespace fs = std::filesystem;

namespace detail {

bool isFolder(const std::string &path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool isFile(const std::string &path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

namespace {

class DenseDataset : public Dataset {
public:
  explicit DenseDataset(DenseImages images) : images(std::move(images)) {}

  int64_t size() const override { return images.count; }
  int64_t classes() const override { return images.classes; }
  std::vector<std::string> classNames() const override { return images.classNames; }
  int32_t label(int64_t index) const override { return images.labels[static_cast<size_t>(index)]; }
  std::string nameOf(int64_t index) const override { return "image " + std::to_string(index) + " of " + images.name; }

  Result<Image> read(int64_t index, int64_t channels) const override {
    Image image(images.height, images.width, images.channels);
    auto size = static_cast<int64_t>(image.pixels.size()), plane = images.height * images.width;
    const uint8_t *from = images.pixels.data() + index * size;
    if (!images.planar)
      std::copy_n(from, size, image.pixels.data());
    for (int64_t c = 0; images.planar && c < images.channels; ++c)
      for (int64_t i = 0; i < plane; ++i)
        image.pixels[static_cast<size_t>(i * images.channels + c)] = from[c * plane + i];
    return withChannels(image, channels);
  }

private:
  DenseImages images;
};

} // namespace

Result<std::unique_ptr<Dataset>> makeDense(DenseImages images) {
  if (images.channels != 1 && images.channels != 3)
    return invalid("`", images.name, "` has images of ", images.channels, " channels; expected 1 or 3");
  if (images.count < 1)
    return invalid("`", images.name, "` holds no image");
  for (size_t i = 0; i < images.labels.size(); ++i)
    if (images.labels[i] < 0 || images.labels[i] >= images.classes)
      return invalid("`", images.name, "` has label ", images.labels[i], " at image ", i, "; expected 0 to ", images.classes - 1);
  return std::unique_ptr<Dataset>(std::make_unique<DenseDataset>(std::move(images)));
}

/// MNIST's files, all classes of which the training labels show.
static Result<std::unique_ptr<Dataset>> openIdx(const std::string &source, Split split) {
  ARCHRT_ASSIGN(LabelledImages loaded, readLabelledImages(source, split));
  DenseImages images;
  images.name = source;
  images.count = loaded.count;
  images.height = loaded.height;
  images.width = loaded.width;
  images.classNames = archrt::classNames(source);
  images.labels.assign(loaded.labels.begin(), loaded.labels.end());
  int32_t highest = images.labels.empty() ? 0 : *std::max_element(images.labels.begin(), images.labels.end());
  images.classes = std::max<int64_t>(10, highest + 1);
  images.pixels = std::move(loaded.pixels);
  return makeDense(std::move(images));
}

} // namespace detail

Result<std::unique_ptr<Dataset>> openDataset(const std::string &source, Split split) {
  auto has = [&](const char *name) { return detail::isFile(source + "/" + name); };
  bool isName = source.find('/') == std::string::npos && !detail::isFolder(source);
  if (isName || has("train-images-idx3-ubyte") || has("train-images-idx3-ubyte.gz"))
    return detail::openIdx(source, split);
  if (!detail::isFolder(source))
    return invalid("no data set in `", source, "`: it is no folder");
  for (auto open : {detail::openCifar, detail::openNpyPair, detail::openImageFolder}) {
    ARCHRT_ASSIGN(std::unique_ptr<Dataset> found, open(source, split));
    if (found)
      return found;
  }
  return invalid("no data set in `", source,
                 "`; expected files of MNIST or CIFAR, `train_images.npy` and `train_labels.npy`, or ",
                 "folders `train` and `val` with a folder per class");
}

} // namespace archrt::data
