#include "runtime/data/Idx.h"

#include <algorithm>
#include <memory>
#include <unistd.h>
#include <zlib.h>

namespace archrt {

static constexpr char kFashionMnist[] = "fashion-mnist";
static constexpr char kFashionMnistFolder[] = "/usr/share/datasets/fashion-mnist";
/// Read in pieces of this size: what a header claims is not allocated before it is there.
static constexpr size_t kPiece = size_t(1) << 20;
static constexpr uint8_t kUnsignedByte = 0x08;

namespace {
struct CloseGzip {
  void operator()(gzFile_s *file) const { gzclose(file); }
};
using GzipFile = std::unique_ptr<gzFile_s, CloseGzip>;

class IdxReader {
public:
  IdxReader(const std::string &path, size_t rank) : path(path), rank(rank) {}

  Result<IdxArray> read() {
    file.reset(gzopen(path.c_str(), "rb"));
    if (!file)
      return invalid("`", path, "` cannot be opened");
    ARCHRT_TRY(header());
    ARCHRT_TRY(values());
    return std::move(array);
  }

private:
  Status header() {
    uint8_t magic[4];
    ARCHRT_TRY(exactly(magic, sizeof(magic)));
    if (magic[0] || magic[1] || magic[2] != kUnsignedByte)
      return invalid("`", path, "` is no IDX file of unsigned bytes");
    if (magic[3] != rank)
      return invalid("`", path, "` has rank ", int(magic[3]), "; expected ", rank);
    for (size_t axis = 0; axis < rank; ++axis) {
      uint8_t bytes[4];
      ARCHRT_TRY(exactly(bytes, sizeof(bytes)));
      array.shape.push_back(int64_t(bytes[0]) << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3]);
    }
    return {};
  }

  Status values() {
    uint64_t expected = 1;
    for (int64_t extent : array.shape)
      if (__builtin_mul_overflow(expected, uint64_t(extent), &expected))
        return invalid("`", path, "` claims more values than memory can hold");
    size_t filled = 0;
    int got = 0;
    do {
      array.values.resize(filled + kPiece);
      got = gzread(file.get(), array.values.data() + filled, kPiece);
      filled += got > 0 ? size_t(got) : 0;
    } while (got > 0 && filled <= expected);
    if (got < 0 || filled != expected)
      return invalid("`", path, "` holds ", filled > expected ? "more than " : "", std::min<uint64_t>(filled, expected),
                     " values; expected ", expected);
    array.values.resize(filled);
    return {};
  }

  Status exactly(uint8_t *target, unsigned size) {
    if (gzread(file.get(), target, size) != int(size))
      return invalid("`", path, "` ends inside its header");
    return {};
  }

  const std::string &path;
  size_t rank;
  GzipFile file;
  IdxArray array;
};
} // namespace

Result<IdxArray> readIdx(const std::string &path, size_t rank) { return IdxReader(path, rank).read(); }

/// The file `name` of `folder`, gzipped if only that is there.
static std::string fileIn(const std::string &folder, const std::string &name) {
  std::string plain = folder + "/" + name;
  return access(plain.c_str(), R_OK) == 0 ? plain : plain + ".gz";
}

Result<LabelledImages> readLabelledImages(const std::string &source, Split split) {
  std::string folder = source == kFashionMnist ? kFashionMnistFolder : source;
  if (access(folder.c_str(), R_OK | X_OK) != 0)
    return invalid("no data set in `", folder, "`",
                   source == kFashionMnist ? "; hint: it comes with Debian's package `dataset-fashion-mnist`" : "");
  std::string prefix = split == Split::Train ? "train" : "t10k";
  ARCHRT_ASSIGN(IdxArray images, readIdx(fileIn(folder, prefix + "-images-idx3-ubyte"), 3));
  ARCHRT_ASSIGN(IdxArray labels, readIdx(fileIn(folder, prefix + "-labels-idx1-ubyte"), 1));
  if (images.shape[0] != labels.shape[0])
    return invalid("`", folder, "` has ", images.shape[0], " images and ", labels.shape[0], " labels; expected as many");
  return LabelledImages{images.shape[0], images.shape[1], images.shape[2], std::move(images.values), std::move(labels.values)};
}

std::vector<std::string> classNames(const std::string &source) {
  if (source != kFashionMnist)
    return {};
  return {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"};
}

} // namespace archrt
