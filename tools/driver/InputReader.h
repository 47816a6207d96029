//===- InputReader.h - Arrays and images become batches -------------------===//

#ifndef ARCHC_TOOLS_DRIVER_INPUTREADER_H
#define ARCHC_TOOLS_DRIVER_INPUTREADER_H

#include "runtime/api/Session.h"
#include "runtime/weights/Npy.h"

#include <string>
#include <vector>

namespace archc::driver {

struct InputOptions {
  std::vector<std::string> paths; // .npy files, images, folders of images
  std::string layout;             // "nchw", "nhwc" or "" (told from the shape)
  bool keepGoing = false, applyExif = false;
  int64_t imagesAtOnce = 32; // 0: all
};

struct InputBatch {
  std::vector<std::string> names; // one per image
  archrt::RunInput input;

  // What `input` points to.
  archrt::NpyArray array;
  std::vector<float> floats;
  std::vector<uint8_t> pixels;
};

/// Hands out the inputs in order. Each .npy file is a batch of its own; images are gathered, transformed as timm's evaluation does.
class InputReader {
public:
  static archrt::Result<InputReader> create(const InputOptions &options, const archrt::Artifact &artifact);

  /// False in the result when there are no more. Bad files are errors, or with `keepGoing` are printed and counted.
  archrt::Result<bool> next(InputBatch &batch);
  const std::vector<std::string> &skipped() const { return bad; }

private:
  InputReader(const InputOptions &options, const archrt::Artifact &artifact) : options(options), artifact(&artifact) {}
  archrt::Status readArray(const std::string &path, InputBatch &batch) const;
  archrt::Status chooseLayout(const archrt::NpyArray &array, InputBatch &batch) const;
  archrt::Status readPixels(const std::string &path, InputBatch &batch) const;
  /// Ok when the reader may go on without `path`.
  archrt::Status skip(const archrt::Status &status, const std::string &path);

  InputOptions options;
  const archrt::Artifact *artifact;
  std::vector<std::string> files, bad;
  size_t position = 0;
};

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_INPUTREADER_H
