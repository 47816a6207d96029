//===- MockCuda.h - What tests see of the mock of the CUDA driver ---------===//
//
// A library with the entries of libcuda.so.1 that we call. It runs no kernel, but copies for real, and checks what a driver would only
// crash on: handles that are alive, copies inside allocations, what may be done while recording, nothing left when the context goes.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHC_TEST_RUNTIME_DEVICE_CUDA_MOCKCUDA_H
#define ARCHC_TEST_RUNTIME_DEVICE_CUDA_MOCKCUDA_H

#include <cstdint>
#include <string>
#include <vector>

namespace archrt::test {

struct MockSettings {
  int initResult = 0, devices = 2, version = 12040, major = 9, minor = 0, sharedOptin = 232448;
  int64_t failAt = -1;    // this call fails; calls are counted from 0
  int failWith = 999;     // as this CUresult
  std::string jitLog;     // not empty: no code is taken, and this is why
  std::string asyncError; // a launch of this entry fails at the next synchronisation
};

struct MockRecord {
  int64_t calls = 0;
  std::vector<std::string> log;        // "launch double 6x64", "upload 48", "begin", "end", "replay", "synchronize"
  std::vector<std::string> violations; // what a correct program does not do
  size_t alive = 0;                    // objects that were made and not released
};

/// Forgets everything.
using MockReset = void (*)(const MockSettings &settings);
using MockRead = MockRecord (*)();
constexpr const char *kMockReset = "archrt_mock_reset", *kMockRead = "archrt_mock_read";

} // namespace archrt::test

#endif // ARCHC_TEST_RUNTIME_DEVICE_CUDA_MOCKCUDA_H
