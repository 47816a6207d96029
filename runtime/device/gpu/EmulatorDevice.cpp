//===- EmulatorDevice.cpp - Device `emu` ----------------------------------===//

#include "runtime/device/gpu/EmulatorPlugin.h"
#include "runtime/device/gpu/GpuModel.h"

#include <dlfcn.h>
#include <filesystem>

namespace archrt::gpu {
namespace {

constexpr const char *kLibraryName = "libarchrt_emu.so";

/// ../lib beside the program, whatever the platform calls its library folder.
std::string libraryPath(const DeviceOptions &options) {
  if (!options.driverLibrary.empty())
    return options.driverLibrary;
  std::error_code ignored;
  std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return program.parent_path().parent_path() / "lib" / kLibraryName;
}

/// Never closed: LLVM's libraries do not unload, and drivers made by this one may live as long as the process.
Result<std::unique_ptr<Driver>> openEmulator(const std::string &path, const EmulatorOptions &options) {
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *reason = dlerror();
    return unavailable("cannot open the emulator of GPUs: ", reason ? reason : path.c_str(),
                       "; it is there where archc was built with the compiler");
  }
  auto open = reinterpret_cast<OpenEmulator>(dlsym(library, openEmulatorSymbol));
  std::unique_ptr<Driver> driver(open ? open(&options) : nullptr);
  if (!driver)
    return unavailable("`", path, "` is no emulator of this version of archc");
  return driver;
}

Result<std::shared_ptr<DeviceModel>> createEmulated(std::shared_ptr<const Artifact> artifact, ThreadPool &pool,
                                                    const DeviceOptions &options) {
  EmulatorOptions emulator;
  emulator.threads = static_cast<uint32_t>(pool.threads());
  emulator.seed = options.emulatorSeed;
  emulator.mutation = options.emulatorFault;
  ARCHRT_ASSIGN(std::unique_ptr<Driver> driver, openEmulator(libraryPath(options), emulator));
  ARCHRT_ASSIGN(PlanChoice choice,
                choosePlan(*artifact, options.target, *driver, "compile it with `--target=cuda:sm_80 --emu-code`"));
  return GpuModel::create(std::move(artifact), pool, std::move(driver), choice);
}

[[maybe_unused]] const bool registered = registerDevice("emu", &createEmulated);

} // namespace
} // namespace archrt::gpu
