//===- Cifar.cpp - The binary versions of CIFAR-10 and CIFAR-100 ----------===//
//
// Records of one label (CIFAR-100: coarse, fine) and 32 x 32 pixels, channel by channel.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/MappedFile.h"
#include "runtime/data/Dataset.h"

#include <fstream>

namespace archrt::data::detail {

static constexpr int64_t kSide = 32;
static constexpr size_t kPixels = 3 * kSide * kSide;

namespace {

struct Variant {
  const char *folder, *probe, *namesFile;
  size_t labelBytes; // the last one counts
  int64_t classes;
  std::vector<std::string> train, test;
};

const Variant kVariants[] = {
    {"cifar-10-batches-bin",
     "test_batch.bin",
     "batches.meta.txt",
     1,
     10,
     {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"},
     {"test_batch.bin"}},
    {"cifar-100-binary", "train.bin", "fine_label_names.txt", 2, 100, {"train.bin"}, {"test.bin"}}};

} // namespace

static Status append(DenseImages &images, const std::string &path, size_t labelBytes) {
  ARCHRT_ASSIGN(std::shared_ptr<MappedFile> file, MappedFile::open(path));
  ByteView bytes = file->bytes();
  size_t record = labelBytes + kPixels;
  if (bytes.empty() || bytes.size % record)
    return invalid("`", path, "` has ", bytes.size, " bytes; expected a multiple of ", record);
  for (size_t at = 0; at < bytes.size; at += record) {
    images.labels.push_back(bytes.data[at + labelBytes - 1]);
    images.pixels.insert(images.pixels.end(), bytes.data + at + labelBytes, bytes.data + at + record);
  }
  images.count = static_cast<int64_t>(images.labels.size());
  return {};
}

/// One name per line; none when the file does not say all.
static std::vector<std::string> namesIn(const std::string &path, int64_t classes) {
  std::ifstream file(path);
  std::vector<std::string> names;
  for (std::string line; std::getline(file, line);)
    if (!line.empty())
      names.push_back(line);
  return names.size() == static_cast<size_t>(classes) ? names : std::vector<std::string>();
}

Result<std::unique_ptr<Dataset>> openCifar(const std::string &source, Split split) {
  for (const Variant &variant : kVariants) {
    std::string nested = source + "/" + variant.folder;
    std::string folder = isFolder(nested) ? nested : source;
    if (!isFile(folder + "/" + variant.probe))
      continue;
    DenseImages images;
    images.name = folder;
    images.height = images.width = kSide;
    images.channels = 3;
    images.planar = true;
    images.classes = variant.classes;
    images.classNames = namesIn(folder + "/" + variant.namesFile, variant.classes);
    for (const std::string &name : split == Split::Train ? variant.train : variant.test)
      ARCHRT_TRY(append(images, folder + "/" + name, variant.labelBytes));
    return makeDense(std::move(images));
  }
  return std::unique_ptr<Dataset>();
}

} // namespace archrt::data::detail
