#include "runtime/device/cuda/CudaDriver.h"

#include <algorithm>

namespace archrt::cuda {

/// The first driver that reads the PTX that we write.
static constexpr int kLeastVersion = 12000;

static std::string versionText(int version) { return concat(version / 1000, ".", version % 1000 / 10); }

int suitabilityOf(const std::string &target, gpu::CodeForm form, Capability device) {
  constexpr std::string_view prefix = "cuda:sm_";
  if (form == gpu::CodeForm::Emulation || target.compare(0, prefix.size(), prefix) != 0)
    return 0;
  size_t end = target.find_first_not_of("0123456789", prefix.size());
  std::string digits = target.substr(prefix.size(), end - prefix.size()), suffix = end == target.npos ? "" : target.substr(end);
  if (digits.size() < 2 || digits.size() > 3 || (!suffix.empty() && suffix != "a" && suffix != "f"))
    return 0;
  int wanted = std::stoi(digits), major = wanted / 10, minor = wanted % 10;
  bool family = major == device.major && minor <= device.minor;
  bool runs = family;
  if (suffix == "a")
    runs = family && minor == device.minor;
  else if (suffix.empty() && form == gpu::CodeForm::Ptx)
    runs = family || major < device.major;
  if (!runs)
    return 0;
  return 8 * wanted + (suffix == "a" ? 4 : suffix == "f" ? 2 : 0) + (form == gpu::CodeForm::Cubin ? 1 : 0);
}

Status CudaDriver::check(CuResult result, const char *what) const {
  if (result == kSuccess)
    return {};
  return environmentError(what, " failed: ", api->describe(result));
}

Status CudaDriver::enter() { return check(api->ctxSetCurrent(context), "entering the context"); }

// --- The device ----------------------------------------------------------------------------------------------------------------

Result<std::unique_ptr<gpu::Driver>> CudaDriver::open(std::unique_ptr<DriverApi> api, int number) {
  std::unique_ptr<CudaDriver> driver(new CudaDriver(std::move(api)));
  ARCHRT_TRY(driver->findDevice(number));
  ARCHRT_TRY(driver->prepareDevice());
  return std::unique_ptr<gpu::Driver>(std::move(driver));
}

Status CudaDriver::findDevice(int number) {
  if (CuResult result = api->init(0); result == kNoDevice)
    return unavailable("there is a CUDA driver but no CUDA device");
  else if (result != kSuccess)
    return unavailable("the CUDA driver does not start: ", api->describe(result));
  int version = 0, count = 0;
  ARCHRT_TRY(check(api->driverGetVersion(&version), "asking for the CUDA driver's version"));
  if (version < kLeastVersion)
    return unavailable("the CUDA driver is that of CUDA ", versionText(version), "; expected ", versionText(kLeastVersion),
                       " or newer");
  ARCHRT_TRY(check(api->deviceGetCount(&count), "counting CUDA devices"));
  if (count == 0)
    return unavailable("there is a CUDA driver but no CUDA device");
  if (number >= count)
    return unavailable("there is no device `cuda:", number, "`; expected a number below ", count);
  ARCHRT_TRY(check(api->deviceGet(&device, number), "opening the CUDA device"));
  char text[128] = {};
  ARCHRT_TRY(check(api->deviceGetName(text, sizeof(text) - 1, device), "asking for the CUDA device's name"));
  deviceName = concat("cuda:", number, " (", text, ")");
  return {};
}

Status CudaDriver::prepareDevice() {
  auto attribute = [&](int which, int &value) {
    return check(api->deviceGetAttribute(&value, which, device), "asking what the CUDA device can do");
  };
  ARCHRT_TRY(attribute(kAttributeMajor, capability.major));
  ARCHRT_TRY(attribute(kAttributeMinor, capability.minor));
  ARCHRT_TRY(attribute(kAttributeSharedOptin, sharedLimit));
  CuContext retained = nullptr;
  ARCHRT_TRY(check(api->primaryCtxRetain(&retained, device), "making a context on the CUDA device"));
  context = retained;
  ARCHRT_TRY(enter());
  CuStream created = nullptr;
  ARCHRT_TRY(check(api->streamCreate(&created, kStreamNonBlocking), "making a stream"));
  stream = created;
  return {};
}

/// Errors while tearing down have nobody to go to; what they tell was told by the call that failed.
CudaDriver::~CudaDriver() {
  if (!context)
    return;
  api->ctxSetCurrent(context);
  if (stream)
    api->streamDestroy(stream);
  api->primaryCtxRelease(device);
}

// --- Memory --------------------------------------------------------------------------------------------------------------------

static Status allocationError(const DriverApi &api, CuResult result, uint64_t bytes, const char *where) {
  return environmentError("cannot allocate ", bytes, " bytes ", where, ": ", api.describe(result));
}

Result<gpu::DevicePointer> CudaDriver::allocate(uint64_t bytes) {
  ARCHRT_TRY(enter());
  CuPointer pointer = 0;
  if (CuResult result = api->memAlloc(&pointer, bytes); result != kSuccess)
    return allocationError(*api, result, bytes, "on the device");
  return pointer;
}

void CudaDriver::release(gpu::DevicePointer pointer) {
  api->ctxSetCurrent(context);
  api->memFree(pointer);
}

Result<void *> CudaDriver::allocateHost(uint64_t bytes) {
  ARCHRT_TRY(enter());
  void *memory = nullptr;
  if (CuResult result = api->memHostAlloc(&memory, bytes, kHostPortable); result != kSuccess)
    return allocationError(*api, result, bytes, "of pinned memory");
  return memory;
}

void CudaDriver::releaseHost(void *memory) {
  api->ctxSetCurrent(context);
  api->memFreeHost(memory);
}

Status CudaDriver::upload(gpu::DevicePointer to, const void *from, uint64_t bytes) {
  if (bytes == 0)
    return {};
  ARCHRT_TRY(enter());
  return check(api->memcpyHtoDAsync(to, from, bytes, stream), "copying to the device");
}

Status CudaDriver::download(void *to, gpu::DevicePointer from, uint64_t bytes) {
  if (bytes == 0)
    return {};
  ARCHRT_TRY(enter());
  return check(api->memcpyDtoHAsync(to, from, bytes, stream), "copying from the device");
}

/// Waits even where the context cannot be entered: callers free memory afterwards.
Status CudaDriver::synchronize() {
  Status entered = enter(), waited = check(api->streamSynchronize(stream), "waiting for the device");
  return entered.ok() ? waited : entered;
}

// --- Code ----------------------------------------------------------------------------------------------------------------------

class CudaFunction final : public gpu::Function {
public:
  explicit CudaFunction(CuFunction handle) : handle(handle) {}
  const CuFunction handle;
};

class CudaModule final : public gpu::Module {
public:
  CudaModule(CudaDriver &driver, CuModule handle) : driver(driver), handle(handle) {}
  ~CudaModule() override {
    driver.api->ctxSetCurrent(driver.context);
    driver.api->moduleUnload(handle);
  }

  Result<gpu::Function *> function(const std::string &name, uint32_t sharedBytes) override {
    if (static_cast<int64_t>(sharedBytes) > driver.sharedLimit)
      return unavailable("it needs ", sharedBytes, " bytes of shared memory; expected at most the ", driver.sharedLimit, " of `",
                         driver.name(), "`");
    ARCHRT_TRY(driver.enter());
    CuFunction entry = nullptr;
    CuResult result = driver.api->moduleGetFunction(&entry, handle, name.c_str());
    if (result == kNotFound)
      return invalid("the code has no entry `", name, "`");
    ARCHRT_TRY(driver.check(result, "looking the entry up"));
    // Above 48 kB a kernel has to ask; asking for less does no harm.
    if (sharedBytes > 0)
      ARCHRT_TRY(driver.check(driver.api->funcSetAttribute(entry, kFunctionMaxDynamicShared, static_cast<int>(sharedBytes)),
                              "asking for shared memory"));
    functions.push_back(std::make_unique<CudaFunction>(entry));
    return functions.back().get();
  }

private:
  CudaDriver &driver;
  CuModule handle;
  std::vector<std::unique_ptr<CudaFunction>> functions;
};

/// The first lines that the driver's compiler wrote.
static std::string firstOf(const std::string &log) {
  std::string text = log.substr(0, log.find('\0'));
  while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
    text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

Result<std::unique_ptr<gpu::Module>> CudaDriver::loadModule(ByteView code) {
  ARCHRT_TRY(enter());
  std::string image(code.text()); // PTX is read up to a zero byte
  std::string log(8192, '\0');
  int options[] = {kJitErrorLogBuffer, kJitErrorLogBytes};
  void *optionValues[] = {log.data(), reinterpret_cast<void *>(static_cast<uintptr_t>(log.size() - 1))};
  CuModule handle = nullptr;
  CuResult result = api->moduleLoadDataEx(&handle, image.c_str(), 2, options, optionValues);
  if (result == kSuccess)
    return std::unique_ptr<gpu::Module>(std::make_unique<CudaModule>(*this, handle));
  std::string text = api->describe(result), said = firstOf(log);
  if (!said.empty())
    text += concat(": ", said);
  bool unfit = result == kNoBinaryForGpu || result == kInvalidPtx || result == kUnsupportedPtx;
  return Status(unfit ? ErrorCode::Target : ErrorCode::Environment, concat("the driver does not take it: ", text));
}

Status CudaDriver::launch(gpu::Function &function, const gpu::LaunchShape &shape,
                          const std::vector<gpu::LaunchOperand> &operands) {
  ARCHRT_TRY(enter());
  values.clear();
  for (const gpu::LaunchOperand &operand : operands)
    values.push_back(operand.pointer);
  values.push_back(static_cast<uint64_t>(shape.batch));
  values.push_back(static_cast<uint64_t>(shape.extent));
  pointers.clear();
  for (uint64_t &value : values)
    pointers.push_back(&value);
  return check(api->launchKernel(static_cast<CudaFunction &>(function).handle, shape.blocks, 1, 1, shape.threads, 1, 1,
                                 shape.sharedBytes, stream, pointers.data(), nullptr),
               "launching");
}

// --- Recordings ----------------------------------------------------------------------------------------------------------------

class CudaRecording final : public gpu::Recording {
public:
  CudaRecording(CudaDriver &driver, CuGraphExec handle) : driver(driver), handle(handle) {}
  ~CudaRecording() override {
    driver.api->ctxSetCurrent(driver.context);
    driver.api->graphExecDestroy(handle);
  }

  CudaDriver &driver;
  const CuGraphExec handle;
};

Status CudaDriver::beginRecording() {
  ARCHRT_TRY(enter());
  return check(api->streamBeginCapture(stream, kCaptureThreadLocal), "beginning a recording");
}

Result<std::unique_ptr<gpu::Recording>> CudaDriver::endRecording() {
  CuGraph graph = nullptr;
  ARCHRT_TRY(check(api->streamEndCapture(stream, &graph), "ending a recording"));
  CuGraphExec exec = nullptr;
  Status status = check(api->graphInstantiate(&exec, graph, 0), "making a recording ready");
  api->graphDestroy(graph); // what is ready stands for itself
  ARCHRT_TRY(std::move(status));
  return std::unique_ptr<gpu::Recording>(std::make_unique<CudaRecording>(*this, exec));
}

Status CudaDriver::replay(gpu::Recording &recording) {
  ARCHRT_TRY(enter());
  return check(api->graphLaunch(static_cast<CudaRecording &>(recording).handle, stream), "replaying a recording");
}

} // namespace archrt::cuda
