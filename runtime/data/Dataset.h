//===- Dataset.h - Labelled images, by number -----------------------------===//

#ifndef ARCHRT_DATA_DATASET_H
#define ARCHRT_DATA_DATASET_H

#include "runtime/data/Idx.h"
#include "runtime/image/Image.h"

#include <memory>

namespace archrt::data {

/// One split of a data set. Immutable: many threads may read at once.
class Dataset {
public:
  virtual ~Dataset() = default;

  virtual int64_t size() const = 0;
  virtual int64_t classes() const = 0;
  /// What the classes are called; empty when only their numbers are known.
  virtual std::vector<std::string> classNames() const { return {}; }
  virtual int32_t label(int64_t index) const = 0;
  /// How a message speaks of an image: its path, or its number and file.
  virtual std::string nameOf(int64_t index) const = 0;
  /// With 1 or 3 channels, converted as Pillow's convert("L") and convert("RGB") do. The error says why, not which image.
  virtual Result<Image> read(int64_t index, int64_t channels) const = 0;
};

/// Opens a split of `source`, told apart by the files that are there:
///   the name `fashion-mnist`                     Debian's package dataset-fashion-mnist
///   train-images-idx3-ubyte[.gz] ...             MNIST and its successors
///   data_batch_1.bin ... test_batch.bin          CIFAR-10, binary version (or in cifar-10-batches-bin/)
///   train.bin, test.bin                          CIFAR-100, binary version (or in cifar-100-binary/)
///   train_images.npy, train_labels.npy, test_…   arrays: u1 [N, H, W] or [N, H, W, C], and [N]
///   train/CLASS/*.jpg, val/CLASS/*.jpg           ImageFolder trees (`validation` and `test` are names of `val`)
Result<std::unique_ptr<Dataset>> openDataset(const std::string &source, Split split);

namespace detail {

/// Images of one size, one behind the other in memory.
struct DenseImages {
  std::string name; // of the file, for messages
  int64_t count = 0, height = 0, width = 0, channels = 1;
  bool planar = false; // each image [channels, height, width] instead of [height, width, channels]
  std::vector<uint8_t> pixels;
  std::vector<int32_t> labels;
  int64_t classes = 0;
  std::vector<std::string> classNames;
};
Result<std::unique_ptr<Dataset>> makeDense(DenseImages images);

bool isFolder(const std::string &path);
bool isFile(const std::string &path);

/// Null when `folder` holds no such data set.
Result<std::unique_ptr<Dataset>> openCifar(const std::string &folder, Split split);
Result<std::unique_ptr<Dataset>> openNpyPair(const std::string &folder, Split split);
Result<std::unique_ptr<Dataset>> openImageFolder(const std::string &folder, Split split);

} // namespace detail

} // namespace archrt::data

#endif // ARCHRT_DATA_DATASET_H
