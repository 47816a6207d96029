#include "test/runtime/device/cuda/MockCuda.h"

#include "runtime/device/cuda/DriverApi.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <set>

using namespace archrt::cuda;
using namespace archrt::test;

namespace {

constexpr CuResult kInvalidValue = 1, kInvalidHandle = 400, kLaunchFailed = 719;
constexpr size_t kFreeShared = 48 * 1024; // what a kernel has without asking

/// One copy or launch, run at once or when its graph is.
struct Work {
  std::string text;
  void *to = nullptr;
  const void *from = nullptr;
  size_t bytes = 0;
  std::vector<uint64_t> addresses; // of the device that it touches
  uint64_t function = 0;           // of a launch
  std::string entry;
};

struct Entry {
  uint64_t module = 0;
  std::string name;
  size_t parameters = 0;
  size_t shared = kFreeShared;
};

class Mock {
public:
  MockSettings settings;
  MockRecord record;
  std::mutex mutex;
  uint64_t nextHandle = 0x1000;
  int contexts = 0; // times that the primary context is retained
  std::map<uint64_t, size_t> device, host;
  std::set<uint64_t> streams;
  std::map<uint64_t, std::string> modules;
  std::map<uint64_t, Entry> functions;
  std::map<uint64_t, std::vector<Work>> graphs, execs;
  std::vector<Work> recording, pending;
  bool isRecording = false;
  CuResult asyncError = kSuccess;

  size_t alive() const {
    return device.size() + host.size() + streams.size() + modules.size() + graphs.size() + execs.size() + contexts;
  }
  void violation(const std::string &text) { record.violations.push_back(text); }
  bool expect(bool holds, const std::string &text) {
    if (!holds)
      violation(text);
    return holds;
  }
  bool fails() { return record.calls++ == settings.failAt; }
  uint64_t make() { return nextHandle += 0x10; }

  static bool inside(const std::map<uint64_t, size_t> &memory, uint64_t address, size_t bytes) {
    auto next = memory.upper_bound(address);
    return next != memory.begin() && address + bytes <= std::prev(next)->first + std::prev(next)->second;
  }
  void checkWork(const Work &work) {
    for (uint64_t address : work.addresses)
      expect(inside(device, address, std::max<size_t>(1, work.bytes)), work.text + " outside of every allocation");
    expect(!work.function || functions.count(work.function), work.text + " of a module that is gone");
  }
  /// Runs now or records.
  void submit(Work work) {
    checkWork(work);
    if (isRecording) {
      bool pinned = !work.bytes || inside(host, hostSide(work), work.bytes);
      expect(pinned, work.text + " recorded from memory that is not pinned");
      recording.push_back(std::move(work));
      return;
    }
    run(work);
  }
  uint64_t hostSide(const Work &work) const {
    auto to = reinterpret_cast<uint64_t>(work.to), from = reinterpret_cast<uint64_t>(work.from);
    return work.addresses.front() == to ? from : to;
  }
  void run(const Work &work) {
    record.log.push_back(work.text);
    if (work.bytes)
      std::memcpy(work.to, work.from, work.bytes);
    if (!work.entry.empty() && work.entry == settings.asyncError)
      asyncError = kLaunchFailed;
    pending.push_back(work);
  }
};

Mock &mock() {
  static Mock instance;
  return instance;
}

thread_local CuContext current = nullptr;
const auto theContext = reinterpret_cast<CuContext>(uint64_t(0xC0));

enum class Allowed { Always, NotRecording };

/// What every call begins with: counts it, says whether it is to fail, checks the context and that recording allows it.
class Call {
public:
  Call(const char *name, Allowed allowed) : lock(mock().mutex), failed(mock().fails()) {
    mock().expect(mock().contexts > 0 && current == theContext, std::string(name) + " without a context");
    mock().expect(allowed == Allowed::Always || !mock().isRecording, std::string(name) + " while recording");
  }
  bool fails() const { return failed; }
  CuResult result() const { return failed ? mock().settings.failWith : kSuccess; }

private:
  std::lock_guard<std::mutex> lock;
  bool failed;
};

template <typename Handle> uint64_t idOf(Handle handle) { return reinterpret_cast<uint64_t>(handle); }
template <typename Handle> Handle handleOf(uint64_t id) { return reinterpret_cast<Handle>(id); }

/// The parameters of the entries of PTX text.
std::map<std::string, size_t> entriesOf(const std::string &ptx) {
  std::map<std::string, size_t> entries;
  const std::string start = ".entry ";
  for (size_t at = ptx.find(start); at != ptx.npos; at = ptx.find(start, at + 1)) {
    size_t open = ptx.find('(', at), close = ptx.find(')', at), count = 0;
    for (size_t param = ptx.find(".param", open); param < close; param = ptx.find(".param", param + 1))
      ++count;
    entries[ptx.substr(at + start.size(), open - at - start.size())] = count;
  }
  return entries;
}

} // namespace

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT void archrt_mock_reset(const MockSettings &settings) {
  Mock &m = mock();
  std::lock_guard<std::mutex> lock(m.mutex);
  for (auto *memory : {&m.device, &m.host})
    for (auto &[address, size] : *memory)
      std::free(reinterpret_cast<void *>(address));
  m.device.clear(), m.host.clear(), m.streams.clear(), m.modules.clear(), m.functions.clear(), m.graphs.clear(), m.execs.clear();
  m.recording.clear(), m.pending.clear();
  m.contexts = 0;
  m.isRecording = false;
  m.asyncError = kSuccess;
  m.record = {};
  m.settings = settings;
}

EXPORT MockRecord archrt_mock_read() {
  std::lock_guard<std::mutex> lock(mock().mutex);
  mock().record.alive = mock().alive();
  return mock().record;
}

// --- Devices and contexts: calls that need no context --------------------------------------------------------------------------

static CuResult plainCall() {
  std::lock_guard<std::mutex> lock(mock().mutex);
  return mock().fails() ? mock().settings.failWith : kSuccess;
}

EXPORT CuResult cuInit(unsigned) {
  CuResult result = plainCall();
  return result ? result : mock().settings.initResult;
}

EXPORT CuResult cuDriverGetVersion(int *version) {
  *version = mock().settings.version;
  return plainCall();
}

EXPORT CuResult cuGetErrorName(CuResult error, const char **name) {
  *name = error == kOutOfMemory    ? "CUDA_ERROR_OUT_OF_MEMORY"
          : error == kInvalidPtx   ? "CUDA_ERROR_INVALID_PTX"
          : error == kLaunchFailed ? "CUDA_ERROR_LAUNCH_FAILED"
                                   : "CUDA_ERROR_UNKNOWN";
  return kSuccess;
}

EXPORT CuResult cuGetErrorString(CuResult, const char **text) {
  *text = "as the mock was told";
  return kSuccess;
}

EXPORT CuResult cuDeviceGetCount(int *count) {
  *count = mock().settings.devices;
  return plainCall();
}

EXPORT CuResult cuDeviceGet(CuDevice *device, int number) {
  *device = number;
  return plainCall();
}

EXPORT CuResult cuDeviceGetName(char *name, int length, CuDevice) {
  std::strncpy(name, "Mock", static_cast<size_t>(length));
  return plainCall();
}

EXPORT CuResult cuDeviceGetAttribute(int *value, int attribute, CuDevice) {
  const MockSettings &settings = mock().settings;
  mock().expect(attribute == kAttributeMajor || attribute == kAttributeMinor || attribute == kAttributeSharedOptin,
                "an attribute that the mock does not know");
  *value = attribute == kAttributeMajor ? settings.major : attribute == kAttributeMinor ? settings.minor : settings.sharedOptin;
  return plainCall();
}

EXPORT CuResult cuDevicePrimaryCtxRetain(CuContext *context, CuDevice) {
  if (CuResult failed = plainCall())
    return failed;
  ++mock().contexts;
  *context = theContext;
  return kSuccess;
}

/// The last one ends the context: everything in it has to be gone.
EXPORT CuResult cuDevicePrimaryCtxRelease_v2(CuDevice) {
  Call call("cuDevicePrimaryCtxRelease", Allowed::NotRecording);
  Mock &m = mock();
  if (m.contexts > 0 && --m.contexts == 0)
    m.expect(m.alive() == 0, "the context ends before what is in it: " + std::to_string(m.alive()) + " objects are left");
  return call.result();
}

EXPORT CuResult cuCtxSetCurrent(CuContext context) {
  if (CuResult failed = plainCall()) {
    current = context; // ways out go on without looking
    return failed;
  }
  current = context;
  return kSuccess;
}

// --- Memory --------------------------------------------------------------------------------------------------------------------

static CuResult allocate(std::map<uint64_t, size_t> &memory, size_t bytes, uint64_t &address) {
  mock().expect(bytes > 0, "an allocation of no bytes");
  address = reinterpret_cast<uint64_t>(std::aligned_alloc(256, (bytes + 255) / 256 * 256));
  std::memset(reinterpret_cast<void *>(address), 0, bytes);
  memory[address] = bytes;
  return kSuccess;
}

EXPORT CuResult cuMemAlloc_v2(CuPointer *pointer, size_t bytes) {
  Call call("cuMemAlloc", Allowed::NotRecording);
  return call.fails() ? call.result() : allocate(mock().device, bytes, *pointer);
}

EXPORT CuResult cuMemHostAlloc(void **pointer, size_t bytes, unsigned) {
  Call call("cuMemHostAlloc", Allowed::NotRecording);
  uint64_t address = 0;
  if (call.fails())
    return call.result();
  CuResult result = allocate(mock().host, bytes, address);
  *pointer = reinterpret_cast<void *>(address);
  return result;
}

static CuResult release(std::map<uint64_t, size_t> &memory, uint64_t address, const Call &call) {
  Mock &m = mock();
  if (!m.expect(memory.count(address) != 0, "memory is freed that is not there"))
    return kInvalidValue;
  uint64_t end = address + memory[address];
  for (const Work &work : m.pending) {
    bool touches = std::any_of(work.addresses.begin(), work.addresses.end(), [&](uint64_t a) { return a >= address && a < end; });
    if (work.bytes)
      touches = touches || (m.hostSide(work) >= address && m.hostSide(work) < end);
    m.expect(!touches, "memory is freed while `" + work.text + "` is under way");
  }
  std::free(reinterpret_cast<void *>(address));
  memory.erase(address);
  return call.result();
}

EXPORT CuResult cuMemFree_v2(CuPointer pointer) {
  Call call("cuMemFree", Allowed::NotRecording);
  return release(mock().device, pointer, call);
}

EXPORT CuResult cuMemFreeHost(void *memory) {
  Call call("cuMemFreeHost", Allowed::NotRecording);
  return release(mock().host, reinterpret_cast<uint64_t>(memory), call);
}

static bool streamIsThere(CuStream stream) {
  return mock().expect(mock().streams.count(idOf(stream)) != 0, "a stream that is gone");
}

EXPORT CuResult cuMemcpyHtoDAsync_v2(CuPointer to, const void *from, size_t bytes, CuStream stream) {
  Call call("cuMemcpyHtoDAsync", Allowed::Always);
  if (call.fails() || !streamIsThere(stream))
    return call.fails() ? call.result() : kInvalidHandle;
  Work work;
  work.text = "upload " + std::to_string(bytes);
  work.to = reinterpret_cast<void *>(to);
  work.from = from;
  work.bytes = bytes;
  work.addresses = {to};
  mock().submit(std::move(work));
  return kSuccess;
}

EXPORT CuResult cuMemcpyDtoHAsync_v2(void *to, CuPointer from, size_t bytes, CuStream stream) {
  Call call("cuMemcpyDtoHAsync", Allowed::Always);
  if (call.fails() || !streamIsThere(stream))
    return call.fails() ? call.result() : kInvalidHandle;
  Work work;
  work.text = "download " + std::to_string(bytes);
  work.to = to;
  work.from = reinterpret_cast<const void *>(from);
  work.bytes = bytes;
  work.addresses = {from};
  mock().submit(std::move(work));
  return kSuccess;
}

// --- Streams -------------------------------------------------------------------------------------------------------------------

EXPORT CuResult cuStreamCreate(CuStream *stream, unsigned) {
  Call call("cuStreamCreate", Allowed::NotRecording);
  if (call.fails())
    return call.result();
  uint64_t id = mock().make();
  mock().streams.insert(id);
  *stream = handleOf<CuStream>(id);
  return kSuccess;
}

EXPORT CuResult cuStreamDestroy_v2(CuStream stream) {
  Call call("cuStreamDestroy", Allowed::NotRecording);
  streamIsThere(stream);
  mock().streams.erase(idOf(stream));
  return call.result();
}

EXPORT CuResult cuStreamSynchronize(CuStream stream) {
  Call call("cuStreamSynchronize", Allowed::NotRecording);
  streamIsThere(stream);
  Mock &m = mock();
  m.pending.clear();
  m.record.log.push_back("synchronize");
  return call.fails() ? call.result() : m.asyncError;
}

EXPORT CuResult cuStreamBeginCapture_v2(CuStream stream, int mode) {
  Call call("cuStreamBeginCapture", Allowed::NotRecording);
  streamIsThere(stream);
  mock().expect(mode == kCaptureThreadLocal, "a recording that other threads' calls would spoil");
  if (call.fails())
    return call.result();
  mock().isRecording = true;
  mock().record.log.push_back("begin");
  return kSuccess;
}

EXPORT CuResult cuStreamEndCapture(CuStream stream, CuGraph *graph) {
  Call call("cuStreamEndCapture", Allowed::Always);
  streamIsThere(stream);
  Mock &m = mock();
  m.expect(m.isRecording, "a recording ends that did not begin");
  std::vector<Work> works = std::move(m.recording);
  m.recording.clear();
  m.isRecording = false;
  m.record.log.push_back("end");
  *graph = nullptr;
  if (call.fails())
    return call.result();
  uint64_t id = m.make();
  m.graphs[id] = std::move(works);
  *graph = handleOf<CuGraph>(id);
  return kSuccess;
}

EXPORT CuResult cuGraphInstantiateWithFlags(CuGraphExec *exec, CuGraph graph, unsigned long long) {
  Call call("cuGraphInstantiate", Allowed::NotRecording);
  Mock &m = mock();
  if (!m.expect(m.graphs.count(idOf(graph)) != 0, "a graph that is not there is made ready"))
    return kInvalidHandle;
  if (call.fails())
    return call.result();
  uint64_t id = m.make();
  m.execs[id] = m.graphs[idOf(graph)];
  *exec = handleOf<CuGraphExec>(id);
  return kSuccess;
}

EXPORT CuResult cuGraphDestroy(CuGraph graph) {
  Call call("cuGraphDestroy", Allowed::NotRecording);
  mock().expect(mock().graphs.erase(idOf(graph)) == 1, "a graph is destroyed that is not there");
  return call.result();
}

EXPORT CuResult cuGraphLaunch(CuGraphExec exec, CuStream stream) {
  Call call("cuGraphLaunch", Allowed::NotRecording);
  Mock &m = mock();
  if (!streamIsThere(stream) || !m.expect(m.execs.count(idOf(exec)) != 0, "a recording that is gone is replayed"))
    return kInvalidHandle;
  if (call.fails())
    return call.result();
  m.record.log.push_back("replay");
  for (const Work &work : m.execs[idOf(exec)]) {
    m.checkWork(work);
    m.run(work);
  }
  return kSuccess;
}

EXPORT CuResult cuGraphExecDestroy(CuGraphExec exec) {
  Call call("cuGraphExecDestroy", Allowed::NotRecording);
  mock().expect(mock().pending.empty(), "a recording goes while work is under way");
  mock().expect(mock().execs.erase(idOf(exec)) == 1, "a recording is destroyed that is not there");
  return call.result();
}

// --- Code ----------------------------------------------------------------------------------------------------------------------

EXPORT CuResult cuModuleLoadDataEx(CuModule *module, const void *image, unsigned count, int *options, void **values) {
  Call call("cuModuleLoadDataEx", Allowed::NotRecording);
  Mock &m = mock();
  m.expect(count == 2 && options[0] == kJitErrorLogBuffer && options[1] == kJitErrorLogBytes, "code is loaded without a log");
  if (call.fails())
    return call.result();
  if (!m.settings.jitLog.empty()) {
    std::strncpy(static_cast<char *>(values[0]), m.settings.jitLog.c_str(), reinterpret_cast<uint64_t>(values[1]));
    return kInvalidPtx;
  }
  uint64_t id = m.make();
  m.modules[id] = static_cast<const char *>(image);
  *module = handleOf<CuModule>(id);
  return kSuccess;
}

EXPORT CuResult cuModuleUnload(CuModule module) {
  Call call("cuModuleUnload", Allowed::NotRecording);
  Mock &m = mock();
  m.expect(m.modules.erase(idOf(module)) == 1, "a module is unloaded that is not there");
  m.expect(m.pending.empty(), "a module is unloaded while work is under way");
  for (auto each = m.functions.begin(); each != m.functions.end();)
    each = each->second.module == idOf(module) ? m.functions.erase(each) : std::next(each);
  return call.result();
}

EXPORT CuResult cuModuleGetFunction(CuFunction *function, CuModule module, const char *name) {
  Call call("cuModuleGetFunction", Allowed::NotRecording);
  Mock &m = mock();
  if (!m.expect(m.modules.count(idOf(module)) != 0, "an entry of a module that is gone"))
    return kInvalidHandle;
  if (call.fails())
    return call.result();
  auto entries = entriesOf(m.modules[idOf(module)]);
  if (!entries.count(name))
    return kNotFound;
  uint64_t id = m.make();
  m.functions[id] = {idOf(module), name, entries[name]};
  *function = handleOf<CuFunction>(id);
  return kSuccess;
}

EXPORT CuResult cuFuncSetAttribute(CuFunction function, int attribute, int value) {
  Call call("cuFuncSetAttribute", Allowed::NotRecording);
  Mock &m = mock();
  m.expect(attribute == kFunctionMaxDynamicShared && value <= m.settings.sharedOptin, "more shared memory than there is");
  if (!m.expect(m.functions.count(idOf(function)) != 0, "an entry that is gone"))
    return kInvalidHandle;
  if (!call.fails())
    m.functions[idOf(function)].shared = std::max(kFreeShared, static_cast<size_t>(value));
  return call.result();
}

EXPORT CuResult cuLaunchKernel(CuFunction function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
                               unsigned blockY, unsigned blockZ, unsigned shared, CuStream stream, void **parameters,
                               void **extra) {
  Call call("cuLaunchKernel", Allowed::Always);
  Mock &m = mock();
  if (call.fails())
    return call.result();
  if (!streamIsThere(stream) || !m.expect(m.functions.count(idOf(function)) != 0, "an entry that is gone is launched"))
    return kInvalidHandle;
  const Entry &entry = m.functions[idOf(function)];
  m.expect(gridX > 0 && gridX < (1u << 31) && gridY == 1 && gridZ == 1, "a grid that drivers refuse");
  m.expect(blockX > 0 && blockX <= 1024 && blockY == 1 && blockZ == 1, "thread blocks that drivers refuse");
  m.expect(shared <= entry.shared, "more shared memory than was asked for");
  m.expect(!extra && entry.parameters >= 2, "parameters passed in another way");
  Work work;
  work.text = "launch " + entry.name + " " + std::to_string(gridX) + "x" + std::to_string(blockX);
  work.function = idOf(function);
  work.entry = entry.name;
  for (size_t i = 0; i + 2 < entry.parameters; ++i) {
    work.addresses.push_back(*static_cast<uint64_t *>(parameters[i]));
    m.expect(work.addresses.back() % 64 == 0, work.text + " with an operand that is not aligned");
  }
  int64_t extent = *static_cast<int64_t *>(parameters[entry.parameters - 1]);
  m.expect(extent >= gridX, work.text + " with more thread blocks than iterations");
  m.submit(std::move(work));
  return kSuccess;
}
