#include "runtime/api/ModelImage.h"

namespace archrt {

Result<Image> readModelImage(const Artifact &artifact, const std::string &path, ExifUse exif) {
  const abi::InputInfo &input = *artifact.model().input();
  ReadImageOptions options;
  options.channels = input.channels();
  options.applyExif = exif == ExifUse::Apply;
  ARCHRT_ASSIGN(Image image, readImage(path, options));
  EvalTransform transform;
  transform.height = input.height();
  transform.width = input.width();
  if (input.crop_pct() > 0)
    transform.cropPct = input.crop_pct();
  if (!textOf(input.interpolation()).empty())
    transform.interpolation = textOf(input.interpolation());
  auto fitted = applyEvalTransform(image, transform);
  if (!fitted.ok())
    return Status(fitted.status()).in(path);
  return fitted;
}

} // namespace archrt
