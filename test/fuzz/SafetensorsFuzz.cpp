// Any bytes as a safetensors file: every tensor that is accepted lies inside the file.

#include "runtime/weights/Safetensors.h"

#include <cstdlib>

using namespace archrt;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Result<SafetensorsFile> file = SafetensorsFile::parse(ByteView(data, size));
  if (!file.ok()) {
    if (file.status().message().empty())
      std::abort();
    return 0;
  }
  for (const SafeTensor &tensor : file->tensors()) {
    unsigned sum = 0;
    for (size_t i = 0; i < tensor.bytes.size; ++i)
      sum += tensor.bytes.data[i];
    if (file->find(tensor.name) != &tensor || sum == ~0u)
      std::abort();
  }
  return 0;
}
