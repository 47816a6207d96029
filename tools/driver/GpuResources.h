//===- GpuResources.h - What ptxas says of kernels ------------------------===//

#ifndef ARCHC_TOOLS_DRIVER_GPURESOURCES_H
#define ARCHC_TOOLS_DRIVER_GPURESOURCES_H

#include "runtime/graph/Artifact.h"

#include <cstdint>
#include <map>
#include <string>

namespace archc::driver {

struct KernelResources {
  int64_t registers = 0;  // per thread
  int64_t spillBytes = 0; // stored to memory for want of registers
};

/// Reads what `ptxas -v` prints.
std::map<std::string, KernelResources> parseResources(const std::string &report);

/// By kernel; empty for plans without PTX, and where there is no ptxas on PATH, in CUDA_HOME or /usr/local/cuda.
std::map<std::string, KernelResources> kernelResources(const archrt::Artifact &artifact, const archrt::abi::TargetPlan &plan);

} // namespace archc::driver

#endif // ARCHC_TOOLS_DRIVER_GPURESOURCES_H
