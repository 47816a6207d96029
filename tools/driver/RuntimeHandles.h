//===- RuntimeHandles.h - The handles of archrt.h, released by scope ------===//

#ifndef ARCHC_TOOLS_DRIVER_RUNTIMEHANDLES_H
#define ARCHC_TOOLS_DRIVER_RUNTIMEHANDLES_H

#include "runtime/include/archrt/archrt.h"

#include <memory>

namespace archc::driver {

template <auto release> struct Releaser {
  template <typename T> void operator()(T *handle) const { release(handle); }
};

using RuntimeHandle = std::unique_ptr<archrt_runtime, Releaser<archrt_runtime_release>>;
using ModelHandle = std::unique_ptr<archrt_model, Releaser<archrt_model_release>>;
using SessionHandle = std::unique_ptr<archrt_session, Releaser<archrt_session_release>>;

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_RUNTIMEHANDLES_H
