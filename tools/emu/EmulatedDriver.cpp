//===- EmulatedDriver.cpp - A GPU driver whose device is the emulator -----===//

#include "tools/emu/EmulatedDriver.h"

#include "tools/emu/Launch.h"
#include "tools/emu/Program.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unordered_map>

namespace archrt::emu {

namespace {

constexpr size_t pointerAlignment = 256;

class EmulatedFunction : public gpu::Function {
public:
  explicit EmulatedFunction(const Kernel &kernel) : kernel(kernel) {}

  const Kernel &kernel;
};

class EmulatedModule : public gpu::Module {
public:
  explicit EmulatedModule(std::unique_ptr<Program> program) : program(std::move(program)) {}

  Result<gpu::Function *> function(const std::string &name, uint32_t) override {
    std::unique_ptr<EmulatedFunction> &known = functions[name];
    if (!known) {
      ARCHRT_ASSIGN(const Kernel *kernel, program->kernel(name));
      known = std::make_unique<EmulatedFunction>(*kernel);
    }
    return static_cast<gpu::Function *>(known.get());
  }

private:
  std::unique_ptr<Program> program;
  std::unordered_map<std::string, std::unique_ptr<EmulatedFunction>> functions;
};

class EmulatedDriver : public gpu::Driver {
public:
  explicit EmulatedDriver(const gpu::EmulatorOptions &options) : options(options) {}

  std::string name() const override { return mutation.empty() ? "emu" : "emu (" + mutation + ")"; }

  int suitability(const std::string &target, gpu::CodeForm form) const override {
    return form == gpu::CodeForm::Emulation && target.rfind("cuda:", 0) == 0 ? 1 : 0;
  }

  Result<gpu::DevicePointer> allocate(uint64_t bytes) override {
    ARCHRT_ASSIGN(void *memory, allocateHost(bytes));
    std::memset(memory, 0xFF, bytes);
    return reinterpret_cast<gpu::DevicePointer>(memory);
  }
  void release(gpu::DevicePointer pointer) override { std::free(reinterpret_cast<void *>(pointer)); }

  Result<void *> allocateHost(uint64_t bytes) override {
    if (bytes > SIZE_MAX - pointerAlignment)
      return environmentError("emulator: no memory for ", bytes, " bytes");
    void *memory = std::aligned_alloc(pointerAlignment, (bytes / pointerAlignment + 1) * pointerAlignment);
    if (!memory)
      return environmentError("emulator: no memory for ", bytes, " bytes");
    return memory;
  }
  void releaseHost(void *memory) override { std::free(memory); }

  Status upload(gpu::DevicePointer to, const void *from, uint64_t bytes) override {
    std::memcpy(reinterpret_cast<void *>(to), from, bytes);
    return Status::success();
  }
  Status download(void *to, gpu::DevicePointer from, uint64_t bytes) override {
    std::memcpy(to, reinterpret_cast<const void *>(from), bytes);
    return Status::success();
  }

  Result<std::unique_ptr<gpu::Module>> loadModule(ByteView code) override {
    ARCHRT_ASSIGN(std::unique_ptr<Program> program, Program::load(code, options));
    mutation = program->mutation();
    if (!mutation.empty())
      std::fprintf(stderr, "emulator: fault: %s\n", mutation.c_str());
    return std::unique_ptr<gpu::Module>(std::make_unique<EmulatedModule>(std::move(program)));
  }

  Status launch(gpu::Function &function, const gpu::LaunchShape &shape,
                const std::vector<gpu::LaunchOperand> &operands) override {
    auto &emulated = static_cast<EmulatedFunction &>(function);
    ARCHRT_ASSIGN(Report report, launcher.launch(emulated.kernel, shape, operands, options));
    if (report.ok())
      return Status::success();
    std::string text = "emulator: " + report.findings.front().text();
    if (size_t others = report.findings.size() - 1)
      text += concat("; and ", others, " more");
    if (!mutation.empty())
      text += "; fault put in: " + mutation;
    return Status(ErrorCode::Budget, text);
  }
  Status synchronize() override { return Status::success(); }

  Status beginRecording() override { return Status::success(); }
  Result<std::unique_ptr<gpu::Recording>> endRecording() override { return std::unique_ptr<gpu::Recording>(); }
  Status replay(gpu::Recording &) override { return invalid("emulator: it records nothing"); }

private:
  gpu::EmulatorOptions options;
  Launcher launcher;
  std::string mutation; // of the module loaded last
};

} // namespace

std::unique_ptr<gpu::Driver> makeEmulatedDriver(const gpu::EmulatorOptions &options) {
  return std::make_unique<EmulatedDriver>(options);
}

} // namespace archrt::emu
