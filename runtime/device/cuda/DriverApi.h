//===- DriverApi.h - The CUDA driver, opened when it is wanted ------------===//
//
// Our own declarations of the few functions we call: nothing of the toolkit is needed to build, and programs start where there is no
// driver. Names and signatures are those of the driver's binary interface, which keeps old versions of a function under its old name.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_DEVICE_CUDA_DRIVERAPI_H
#define ARCHRT_DEVICE_CUDA_DRIVERAPI_H

#include "runtime/core/Status.h"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace archrt::cuda {

using CuResult = int; // CUresult
using CuDevice = int;
using CuPointer = uint64_t; // CUdeviceptr
using CuContext = struct CuContextTag *;
using CuStream = struct CuStreamTag *;
using CuModule = struct CuModuleTag *;
using CuFunction = struct CuFunctionTag *;
using CuGraph = struct CuGraphTag *;
using CuGraphExec = struct CuGraphExecTag *;

// Of the enums of cuda.h, what we use.
constexpr CuResult kSuccess = 0, kOutOfMemory = 2, kNoDevice = 100, kNoBinaryForGpu = 209, kInvalidPtx = 218,
                   kUnsupportedPtx = 222, kNotFound = 500;
constexpr int kAttributeMajor = 75, kAttributeMinor = 76, kAttributeSharedOptin = 97; // CUdevice_attribute
constexpr int kJitErrorLogBuffer = 5, kJitErrorLogBytes = 6;                          // CUjit_option
constexpr int kFunctionMaxDynamicShared = 8;                                          // CUfunction_attribute
constexpr int kCaptureThreadLocal = 1;                                                // CUstreamCaptureMode
constexpr unsigned kStreamNonBlocking = 1, kHostPortable = 1;

/// X(member, symbol, parameters...): every function of the driver that we call.
#define ARCHRT_CUDA_FUNCTIONS(X)                                                                                                 \
  X(init, "cuInit", unsigned)                                                                                                    \
  X(driverGetVersion, "cuDriverGetVersion", int *)                                                                               \
  X(getErrorName, "cuGetErrorName", CuResult, const char **)                                                                     \
  X(getErrorString, "cuGetErrorString", CuResult, const char **)                                                                 \
  X(deviceGetCount, "cuDeviceGetCount", int *)                                                                                   \
  X(deviceGet, "cuDeviceGet", CuDevice *, int)                                                                                   \
  X(deviceGetName, "cuDeviceGetName", char *, int, CuDevice)                                                                     \
  X(deviceGetAttribute, "cuDeviceGetAttribute", int *, int, CuDevice)                                                            \
  X(primaryCtxRetain, "cuDevicePrimaryCtxRetain", CuContext *, CuDevice)                                                         \
  X(primaryCtxRelease, "cuDevicePrimaryCtxRelease_v2", CuDevice)                                                                 \
  X(ctxSetCurrent, "cuCtxSetCurrent", CuContext)                                                                                 \
  X(memAlloc, "cuMemAlloc_v2", CuPointer *, size_t)                                                                              \
  X(memFree, "cuMemFree_v2", CuPointer)                                                                                          \
  X(memHostAlloc, "cuMemHostAlloc", void **, size_t, unsigned)                                                                   \
  X(memFreeHost, "cuMemFreeHost", void *)                                                                                        \
  X(memcpyHtoDAsync, "cuMemcpyHtoDAsync_v2", CuPointer, const void *, size_t, CuStream)                                          \
  X(memcpyDtoHAsync, "cuMemcpyDtoHAsync_v2", void *, CuPointer, size_t, CuStream)                                                \
  X(streamCreate, "cuStreamCreate", CuStream *, unsigned)                                                                        \
  X(streamDestroy, "cuStreamDestroy_v2", CuStream)                                                                               \
  X(streamSynchronize, "cuStreamSynchronize", CuStream)                                                                          \
  X(moduleLoadDataEx, "cuModuleLoadDataEx", CuModule *, const void *, unsigned, int *, void **)                                  \
  X(moduleUnload, "cuModuleUnload", CuModule)                                                                                    \
  X(moduleGetFunction, "cuModuleGetFunction", CuFunction *, CuModule, const char *)                                              \
  X(funcSetAttribute, "cuFuncSetAttribute", CuFunction, int, int)                                                                \
  X(launchKernel, "cuLaunchKernel", CuFunction, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, CuStream,  \
    void **, void **)                                                                                                            \
  X(streamBeginCapture, "cuStreamBeginCapture_v2", CuStream, int)                                                                \
  X(streamEndCapture, "cuStreamEndCapture", CuStream, CuGraph *)                                                                 \
  X(graphInstantiate, "cuGraphInstantiateWithFlags", CuGraphExec *, CuGraph, unsigned long long)                                 \
  X(graphDestroy, "cuGraphDestroy", CuGraph)                                                                                     \
  X(graphLaunch, "cuGraphLaunch", CuGraphExec, CuStream)                                                                         \
  X(graphExecDestroy, "cuGraphExecDestroy", CuGraphExec)

struct DriverApi {
#define ARCHRT_CUDA_MEMBER(member, symbol, ...) CuResult (*member)(__VA_ARGS__) = nullptr;
  ARCHRT_CUDA_FUNCTIONS(ARCHRT_CUDA_MEMBER)
#undef ARCHRT_CUDA_MEMBER

  /// From the library at `path`, or the system's where that is empty. It stays open until the process ends.
  static Result<std::unique_ptr<DriverApi>> load(const std::string &path);

  /// "CUDA_ERROR_OUT_OF_MEMORY (out of memory)".
  std::string describe(CuResult result) const;
};

} // namespace archrt::cuda

#endif // ARCHRT_DEVICE_CUDA_DRIVERAPI_H
