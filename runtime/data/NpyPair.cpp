//===- NpyPair.cpp - Images and labels as NumPy arrays --------------------===//

#include "runtime/data/Dataset.h"
#include "runtime/weights/Npy.h"

#include <algorithm>

namespace archrt::data::detail {

/// The prefix of the files of a split: "test_", or "val_" where that is there.
static std::string prefixOf(const std::string &folder, Split split) {
  if (split == Split::Train)
    return folder + "/train_";
  return isFile(folder + "/val_images.npy") ? folder + "/val_" : folder + "/test_";
}

static Result<DenseImages> readImages(const std::string &path) {
  ARCHRT_ASSIGN(NpyArray array, readNpy(path));
  size_t rank = array.shape.size();
  if (array.type != NpyType::U8 || (rank != 3 && rank != 4))
    return invalid("`", path, "` is no array of images; expected `|u1` of shape [N, H, W] or [N, H, W, C]");
  DenseImages images;
  images.name = path;
  images.count = array.shape[0];
  images.height = array.shape[1];
  images.width = array.shape[2];
  images.channels = rank == 4 ? array.shape[3] : 1;
  images.pixels.assign(array.bytes.data, array.bytes.data + array.bytes.size);
  return images;
}

/// Labels of both splits count: a class may be missing in one.
static Result<int64_t> highestLabel(const std::string &path) {
  ARCHRT_ASSIGN(std::vector<int64_t> labels, readNpyIntegers(path));
  return labels.empty() ? int64_t(0) : *std::max_element(labels.begin(), labels.end());
}

Result<std::unique_ptr<Dataset>> openNpyPair(const std::string &folder, Split split) {
  if (!isFile(folder + "/train_images.npy"))
    return std::unique_ptr<Dataset>();
  std::string prefix = prefixOf(folder, split);
  ARCHRT_ASSIGN(DenseImages images, readImages(prefix + "images.npy"));
  ARCHRT_ASSIGN(std::vector<int64_t> labels, readNpyIntegers(prefix + "labels.npy"));
  if (static_cast<int64_t>(labels.size()) != images.count)
    return invalid("`", folder, "` has ", images.count, " images and ", labels.size(), " labels; expected as many");
  ARCHRT_ASSIGN(int64_t highest, highestLabel(folder + "/train_labels.npy"));
  constexpr int64_t most = 1 << 20;
  for (int64_t label : labels) {
    if (label < 0 || label >= most)
      return invalid("`", prefix, "labels.npy` has label ", label, "; expected 0 to ", most - 1);
    highest = std::max(highest, label);
  }
  images.labels.assign(labels.begin(), labels.end());
  images.classes = highest + 1;
  return makeDense(std::move(images));
}

} // namespace archrt::data::detail
