//===- DriverTest.cpp - The emulator as a GPU driver ----------------------===//

#include "runtime/device/gpu/Driver.h"
#include "runtime/device/gpu/EmulatorPlugin.h"
#include "test/tools/emu/KernelFixture.h"

#include <dlfcn.h>

namespace archrt::emu {
namespace {

const std::string addOne = withIntrinsics(R"(
define ptx_kernel void @add_one(ptr addrspace(1) %x, i64 %batch, i64 %extent) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %p = getelementptr float, ptr addrspace(1) %x, i32 %t
  %v = load float, ptr addrspace(1) %p, align 4
  %w = fadd float %v, 1.0
  store float %w, ptr addrspace(1) %p, align 4
  ret void
}
)");

/// As the runtime opens it.
class Plugin : public ::testing::Test {
protected:
  std::unique_ptr<gpu::Driver> open(const gpu::EmulatorOptions &options) {
    library = dlopen(ARCHC_EMU_PLUGIN, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
      ADD_FAILURE() << dlerror();
      return nullptr;
    }
    auto entry = reinterpret_cast<gpu::OpenEmulator>(dlsym(library, gpu::openEmulatorSymbol));
    return std::unique_ptr<gpu::Driver>(entry ? entry(&options) : nullptr);
  }
  void *library = nullptr;
};

TEST_F(Plugin, RunsAKernel) {
  std::unique_ptr<gpu::Driver> driver = open(gpu::EmulatorOptions());
  ASSERT_TRUE(driver);
  EXPECT_EQ(driver->name(), "emu");
  EXPECT_GT(driver->suitability("cuda:sm_80", gpu::CodeForm::Emulation), 0);
  EXPECT_EQ(driver->suitability("cuda:sm_80", gpu::CodeForm::Ptx), 0);
  EXPECT_EQ(driver->suitability("cpu:host", gpu::CodeForm::Emulation), 0);

  std::vector<float> values(64, 3.f);
  Result<gpu::DevicePointer> memory = driver->allocate(256);
  ASSERT_TRUE(memory.ok());
  EXPECT_EQ(*memory % 256, 0u);
  ASSERT_TRUE(driver->upload(*memory, values.data(), 256).ok());
  Result<std::unique_ptr<gpu::Module>> module = driver->loadModule(ByteView(std::string_view(addOne)));
  ASSERT_TRUE(module.ok()) << module.status().message();
  EXPECT_FALSE((*module)->function("other", 0).ok());
  Result<gpu::Function *> function = (*module)->function("add_one", 0);
  ASSERT_TRUE(function.ok()) << function.status().message();
  gpu::LaunchShape shape{1, 64, 0, 1, 64};
  ASSERT_TRUE(driver->beginRecording().ok());
  ASSERT_TRUE(driver->launch(**function, shape, {{*memory, 256, true}}).ok());
  Result<std::unique_ptr<gpu::Recording>> recording = driver->endRecording();
  ASSERT_TRUE(recording.ok());
  EXPECT_FALSE(*recording);
  ASSERT_TRUE(driver->download(values.data(), *memory, 256).ok());
  EXPECT_EQ(values[63], 4.f);

  Status status = driver->launch(**function, shape, {{*memory, 252, true}});
  EXPECT_EQ(status.code(), ErrorCode::Budget);
  EXPECT_EQ(status.message(),
            "emulator: kernel `add_one`, block 0, thread 63: out of bounds: load of 4 bytes: byte 252 of operand 0 of 252 "
            "bytes");
  EXPECT_EQ(driver->launch(**function, shape, {}).code(), ErrorCode::Input);
  shape.threads = 2048;
  EXPECT_EQ(driver->launch(**function, shape, {{*memory, 256, true}}).code(), ErrorCode::Input);
  driver->release(*memory);
}

TEST_F(Plugin, RefusesAnotherInterface) {
  gpu::EmulatorOptions options;
  options.interface = gpu::emulatorInterface + 1;
  EXPECT_FALSE(open(options));
}

} // namespace
} // namespace archrt::emu
