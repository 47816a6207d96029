// Any bytes as an .npy file: an accepted array has as many bytes as its shape says.

#include "runtime/weights/Npy.h"

#include <cstdlib>

using namespace archrt;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Result<NpyArray> array = parseNpy(ByteView(data, size));
  if (!array.ok()) {
    if (array.status().message().empty())
      std::abort();
    return 0;
  }
  int64_t bytes = array->type == NpyType::F64 ? 8 : array->type == NpyType::F32 ? 4 : 1;
  if (uint64_t(array->elementCount() * bytes) != array->bytes.size)
    std::abort();
  unsigned sum = 0;
  for (size_t i = 0; i < array->bytes.size; ++i)
    sum += array->bytes.data[i];
  return sum == ~0u ? 1 : 0;
}
