#include "runtime/device/cuda/DriverApi.h"

#include <dlfcn.h>

namespace archrt::cuda {

static constexpr const char *kSystemLibrary = "libcuda.so.1";

Result<std::unique_ptr<DriverApi>> DriverApi::load(const std::string &path) {
  const char *name = path.empty() ? kSystemLibrary : path.c_str();
  // Never closed: the driver has threads and exit handlers of its own.
  void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *reason = dlerror();
    return unavailable("there is no CUDA driver here: ", reason ? reason : name);
  }
  auto api = std::make_unique<DriverApi>();
  const char *missing = nullptr;
#define ARCHRT_CUDA_RESOLVE(member, symbol, ...)                                                                                 \
  if (!(api->member = reinterpret_cast<decltype(api->member)>(dlsym(library, symbol))))                                          \
    missing = symbol;
  ARCHRT_CUDA_FUNCTIONS(ARCHRT_CUDA_RESOLVE)
#undef ARCHRT_CUDA_RESOLVE
  if (missing)
    return unavailable("the CUDA driver `", name, "` has no `", missing, "`; expected that of CUDA 12.0 or newer");
  return api;
}

std::string DriverApi::describe(CuResult result) const {
  const char *name = nullptr, *text = nullptr;
  if (getErrorName(result, &name) != kSuccess || !name)
    return concat("error ", result, " of the CUDA driver");
  if (getErrorString(result, &text) != kSuccess || !text)
    return name;
  return concat(name, " (", text, ")");
}

} // namespace archrt::cuda
