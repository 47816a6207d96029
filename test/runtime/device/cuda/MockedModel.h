//===- MockedModel.h - Models on the mock of the CUDA driver --------------===//

#ifndef ARCHC_TEST_RUNTIME_DEVICE_CUDA_MOCKEDMODEL_H
#define ARCHC_TEST_RUNTIME_DEVICE_CUDA_MOCKEDMODEL_H

#include "runtime/api/Session.h"
#include "test/runtime/TinyArtifact.h"
#include "test/runtime/device/cuda/MockCuda.h"

#include <dlfcn.h>

namespace archrt::test {

inline void *mockSymbol(const char *name) {
  static void *library = dlopen(ARCHC_MOCK_CUDA, RTLD_NOW | RTLD_LOCAL);
  return library ? dlsym(library, name) : nullptr;
}

inline void resetMock(const MockSettings &settings = {}) { reinterpret_cast<MockReset>(mockSymbol(kMockReset))(settings); }
inline MockRecord readMock() { return reinterpret_cast<MockRead>(mockSymbol(kMockRead))(); }

inline Result<std::shared_ptr<Model>> loadMocked(TinyArtifact &tiny, const std::string &weights = tinyWeights(),
                                                 const std::string &device = "cuda", const std::string &target = "") {
  ARCHRT_ASSIGN(std::shared_ptr<const Artifact> artifact, Artifact::fromBytes(ByteView(tiny.bytes(weights))));
  ARCHRT_ASSIGN(std::shared_ptr<Runtime> runtime, Runtime::create(1));
  ModelOptions options;
  options.device = device;
  options.target = target;
  options.driverLibrary = ARCHC_MOCK_CUDA;
  return Model::load(std::move(runtime), std::move(artifact), options);
}

/// Runs a batch of ones; what comes out means nothing.
inline Status runOnes(Session &session, int64_t batch) {
  std::vector<float> input(batch * kWidth, 1), output(batch * kWidth);
  return session.run({input.data(), InputKind::F32, Layout::NHWC, batch}, output.data());
}

} // namespace archrt::test

#endif // ARCHC_TEST_RUNTIME_DEVICE_CUDA_MOCKEDMODEL_H
