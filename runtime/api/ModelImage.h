//===- ModelImage.h - An image file as a model wants it -------------------===//

#ifndef ARCHRT_API_MODELIMAGE_H
#define ARCHRT_API_MODELIMAGE_H

#include "runtime/graph/Artifact.h"
#include "runtime/image/Image.h"

namespace archrt {

enum class ExifUse { Ignore, Apply };

/// Reads a JPEG or PNG file and does timm's evaluation transform with the numbers of the artifact; the error names the file.
Result<Image> readModelImage(const Artifact &artifact, const std::string &path, ExifUse exif = ExifUse::Ignore);

} // namespace archrt

#endif // ARCHRT_API_MODELIMAGE_H
