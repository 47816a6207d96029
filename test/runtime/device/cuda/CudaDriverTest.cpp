//===- CudaDriverTest.cpp - Finding a device, and what runs on it ---------===//

#include "runtime/device/cuda/CudaDriver.h"
#include "test/runtime/device/cuda/MockedModel.h"

#include <gtest/gtest.h>

namespace archrt::cuda {
using namespace test;
using gpu::CodeForm;

// A cubin runs within its major version, PTX on anything newer, `a` on one chip and `f` on one family.
TEST(CudaSuitability, FollowsTheRulesOfTheDriver) {
  struct Row {
    const char *target;
    Capability device;
    bool ptx, cubin;
  };
  for (const Row &row :
       {Row{"cuda:sm_80", {8, 0}, true, true}, Row{"cuda:sm_80", {8, 9}, true, true}, Row{"cuda:sm_89", {8, 6}, false, false},
        Row{"cuda:sm_80", {9, 0}, true, false}, Row{"cuda:sm_90", {8, 9}, false, false}, Row{"cuda:sm_90a", {9, 0}, true, true},
        Row{"cuda:sm_90a", {10, 0}, false, false}, Row{"cuda:sm_100f", {10, 3}, true, true},
        Row{"cuda:sm_100f", {12, 0}, false, false}, Row{"cuda:sm_100", {12, 0}, true, false},
        Row{"cuda:sm_120", {10, 0}, false, false}, Row{"cpu:x86-64-v3", {9, 0}, false, false},
        Row{"cuda:sm_9", {9, 0}, false, false}, Row{"cuda:sm_90b", {9, 0}, false, false}}) {
    EXPECT_EQ(suitabilityOf(row.target, CodeForm::Ptx, row.device) > 0, row.ptx) << row.target << " on " << row.device.major;
    EXPECT_EQ(suitabilityOf(row.target, CodeForm::Cubin, row.device) > 0, row.cubin) << row.target << " on " << row.device.major;
    EXPECT_EQ(suitabilityOf(row.target, CodeForm::Emulation, row.device), 0);
  }
}

TEST(CudaSuitability, PrefersTheNewestThenACubin) {
  Capability h100{9, 0};
  EXPECT_GT(suitabilityOf("cuda:sm_90", CodeForm::Ptx, h100), suitabilityOf("cuda:sm_80", CodeForm::Ptx, h100));
  EXPECT_GT(suitabilityOf("cuda:sm_90a", CodeForm::Ptx, h100), suitabilityOf("cuda:sm_90", CodeForm::Cubin, h100));
  EXPECT_GT(suitabilityOf("cuda:sm_90", CodeForm::Cubin, h100), suitabilityOf("cuda:sm_90", CodeForm::Ptx, h100));
}

static Status errorOf(const std::string &library, int number = 0) {
  auto api = DriverApi::load(library);
  return api.ok() ? CudaDriver::open(api.take(), number).status() : api.status();
}

static void expectNoTarget(const Status &status, const std::string &message) {
  EXPECT_EQ(status.code(), ErrorCode::Target);
  EXPECT_NE(status.message().find(message), std::string::npos) << status.message();
}

TEST(CudaDriver, SaysWhyThereIsNoDevice) {
  expectNoTarget(errorOf("/nowhere/libcuda.so.1"), "there is no CUDA driver here: /nowhere/libcuda.so.1: cannot open");
  expectNoTarget(errorOf("libm.so.6"), "the CUDA driver `libm.so.6` has no `cu");
  MockSettings settings;
  auto with = [&](auto change) {
    settings = {};
    change();
    resetMock(settings);
    return errorOf(ARCHC_MOCK_CUDA, 1);
  };
  EXPECT_TRUE(with([] {}).ok());
  expectNoTarget(with([&] { settings.initResult = kNoDevice; }), "there is a CUDA driver but no CUDA device");
  expectNoTarget(with([&] { settings.initResult = 34; }), "the CUDA driver does not start: CUDA_ERROR_UNKNOWN");
  expectNoTarget(with([&] { settings.devices = 0; }), "there is a CUDA driver but no CUDA device");
  expectNoTarget(with([&] { settings.devices = 1; }), "there is no device `cuda:1`; expected a number below 1");
  expectNoTarget(with([&] { settings.version = 11080; }), "the CUDA driver is that of CUDA 11.8; expected 12.0 or newer");
  EXPECT_EQ(readMock().alive, 0u);
}

TEST(CudaDriver, SaysWhatTheCompilerOfPtxSaid) {
  MockSettings settings;
  settings.jitLog = "ptxas application ptx input, line 7; error : unknown instruction\n";
  resetMock(settings);
  TinyArtifact tiny;
  tiny.makeGpu();
  Status status = loadMocked(tiny).status();
  expectNoTarget(status,
                 "loading PTX of `cuda:sm_80`: the driver does not take it: CUDA_ERROR_INVALID_PTX (as the mock was told): "
                 "ptxas application ptx input, line 7; error : unknown instruction");
  EXPECT_EQ(readMock().alive, 0u);
}

TEST(CudaDriver, SharedMemoryOfTheDeviceIsALimit) {
  MockSettings settings;
  settings.sharedOptin = 101376;
  resetMock(settings);
  TinyArtifact tiny;
  tiny.makeGpu();
  tiny.plan().kernels[AddRowKernel]->launch->shared = 101377;
  expectNoTarget(loadMocked(tiny).status(),
                 "kernel `add_row` of `stages.0.blocks.0.mlp`: it needs 101377 bytes of shared memory; "
                 "expected at most the 101376 of `cuda:0 (Mock)`");
  tiny.plan().kernels[AddRowKernel]->launch->shared = 101376;
  EXPECT_TRUE(loadMocked(tiny).ok());
  EXPECT_EQ(readMock().violations, std::vector<std::string>());
}

TEST(CudaDriver, ACodeWithoutTheEntryIsRefused) {
  resetMock();
  TinyArtifact tiny;
  tiny.makeGpu();
  tiny.plan().kernels[AddRowKernel]->name = "other";
  EXPECT_EQ(loadMocked(tiny).status().message(), "kernel `other` of `stages.0.blocks.0.mlp`: the code has no entry `other`");
}

TEST(CudaDevices, AreNumbered) {
  for (const char *good : {"cuda", "cuda:0", "cuda:17", "cpu", "emu"})
    EXPECT_TRUE(findDevice(good).ok()) << good;
  EXPECT_EQ(findDevice("cuda:17")->number, 17);
  for (const char *bad : {"cuda:", "cuda:x", "cuda:-1", "cuda:99999", "cpu:0", "emu:1", ":1", "gpu"})
    EXPECT_NE(
        findDevice(bad).status().message().find(concat("unknown device `", bad, "`; expected one of `cpu`, `cuda`, `cuda:N`")),
        std::string::npos)
        << bad;
}

} // namespace archrt::cuda
