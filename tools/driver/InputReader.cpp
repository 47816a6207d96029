#include "tools/driver/InputReader.h"

#include "runtime/api/ModelImage.h"
#include "runtime/weights/Convert.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

using namespace archrt;

namespace archc::driver {

static bool isNpy(const std::string &path) {
  char magic[6] = {};
  std::ifstream file(path, std::ios::binary);
  return path.size() > 4 && path.compare(path.size() - 4, 4, ".npy") == 0
             ? true
             : file.read(magic, sizeof(magic)) && std::memcmp(magic, "\x93NUMPY", sizeof(magic)) == 0;
}

/// The images of a folder in the order of their names.
static Result<std::vector<std::string>> imagesIn(const std::string &folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::string extension = entry->path().extension();
    std::transform(extension.begin(), extension.end(), extension.begin(), [](unsigned char c) { return std::tolower(c); });
    if (extension == ".jpg" || extension == ".jpeg" || extension == ".png")
      files.push_back(entry->path());
  }
  if (error)
    return invalid("cannot read the folder `", folder, "`: ", error.message());
  if (files.empty())
    return invalid("the folder `", folder, "` has no .jpg, .jpeg or .png file");
  std::sort(files.begin(), files.end());
  return files;
}

Result<InputReader> InputReader::create(const InputOptions &options, const Artifact &artifact) {
  InputReader reader(options, artifact);
  for (const std::string &path : options.paths) {
    std::error_code ignored; // what cannot be looked at cannot be opened either, which is reported then
    if (!std::filesystem::is_directory(path, ignored)) {
      reader.files.push_back(path);
      continue;
    }
    ARCHRT_ASSIGN(std::vector<std::string> images, imagesIn(path));
    reader.files.insert(reader.files.end(), images.begin(), images.end());
  }
  return reader;
}

static std::string shapeText(const std::vector<int64_t> &shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

Status InputReader::chooseLayout(const NpyArray &array, InputBatch &batch) const {
  const abi::InputInfo &input = *artifact->model().input();
  int64_t c = input.channels(), h = input.height(), w = input.width();
  std::vector<int64_t> shape = array.shape;
  if (shape.size() == 3)
    shape.insert(shape.begin(), 1);
  std::vector<int64_t> tail = shape.size() == 4 ? std::vector<int64_t>(shape.begin() + 1, shape.end()) : std::vector<int64_t>();
  bool nchw = tail == std::vector<int64_t>{c, h, w}, nhwc = tail == std::vector<int64_t>{h, w, c};
  if (nchw && nhwc && options.layout.empty())
    return invalid("the shape ", shapeText(array.shape), " may be NCHW or NHWC; say which with `--layout`");
  bool wanted = options.layout == "nchw" ? nchw : options.layout == "nhwc" ? nhwc : nchw || nhwc;
  if (!wanted || shape[0] < 1)
    return invalid("the array has shape ", shapeText(array.shape), "; expected [N, ", options.layout == "nhwc" ? h : c, ", ",
                   options.layout == "nhwc" ? w : h, ", ", options.layout == "nhwc" ? c : w, "]");
  batch.input.layout = options.layout == "nchw" || (options.layout.empty() && nchw) ? Layout::NCHW : Layout::NHWC;
  batch.input.batch = shape[0];
  return {};
}

Status InputReader::readArray(const std::string &path, InputBatch &batch) const {
  ARCHRT_ASSIGN(batch.array, readNpy(path));
  ARCHRT_TRY(chooseLayout(batch.array, batch).in(path));
  if (batch.input.batch > kMaxBatch)
    return invalid(path, ": the array has ", batch.input.batch, " images; expected at most ", kMaxBatch);
  size_t count = static_cast<size_t>(batch.array.elementCount());
  if (batch.array.type == NpyType::U8) {
    if (batch.input.layout != Layout::NHWC)
      return invalid(path, ": the array holds u8 in NCHW; expected NHWC for pixels");
    batch.input.kind = InputKind::U8;
    batch.input.data = batch.array.bytes.data;
  } else {
    batch.floats.resize(count);
    convertToFloat(batch.array.type == NpyType::F32 ? "F32" : "F64", batch.array.bytes, count, batch.floats.data());
    batch.input.data = batch.floats.data();
  }
  for (int64_t i = 0; i < batch.input.batch; ++i)
    batch.names.push_back(batch.input.batch == 1 ? path : concat(path, "[", i, "]"));
  return {};
}

Status InputReader::readPixels(const std::string &path, InputBatch &batch) const {
  ARCHRT_ASSIGN(Image image, readModelImage(*artifact, path, options.applyExif ? ExifUse::Apply : ExifUse::Ignore));
  batch.pixels.insert(batch.pixels.end(), image.pixels.begin(), image.pixels.end());
  batch.names.push_back(path);
  return {};
}

Status InputReader::skip(const Status &status, const std::string &path) {
  if (!options.keepGoing || status.code() != ErrorCode::Input)
    return status;
  std::cerr << "error: " << status.message() << " (skipped)\n";
  bad.push_back(path);
  return {};
}

Result<bool> InputReader::next(InputBatch &batch) {
  batch = InputBatch();
  while (position < files.size() && isNpy(files[position])) {
    const std::string &path = files[position++];
    Status status = readArray(path, batch);
    if (status.ok())
      return true;
    ARCHRT_TRY(skip(status, path));
    batch = InputBatch();
  }
  int64_t most = options.imagesAtOnce > 0 ? options.imagesAtOnce : kMaxBatch;
  while (position < files.size() && static_cast<int64_t>(batch.names.size()) < most && !isNpy(files[position])) {
    const std::string &path = files[position++];
    if (Status status = readPixels(path, batch); !status.ok())
      ARCHRT_TRY(skip(status, path));
  }
  if (batch.names.empty())
    return position < files.size() ? next(batch) : Result<bool>(false);
  batch.input.kind = InputKind::U8;
  batch.input.layout = Layout::NHWC;
  batch.input.data = batch.pixels.data();
  batch.input.batch = static_cast<int64_t>(batch.names.size());
  return true;
}

} // namespace archc::driver
