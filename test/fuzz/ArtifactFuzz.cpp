// Any bytes as an artifact: refused with a message, or so sound that it can be described and run on the device that executes no code.
// Sizes and hashes are repaired first, so that changes reach the tables behind them.

#include "archrt/archrt.h"
#include "runtime/core/Hash.h"
#include "runtime/graph/Describe.h"
#include "runtime/reference/Interpreter.h"

#include <cstdlib>
#include <cstring>

using namespace archrt;

namespace {

void require(bool condition) {
  if (!condition)
    std::abort();
}

/// Makes the header's size and all hashes right, as far as the section table can be read.
void repair(std::vector<uint8_t> &bytes) {
  abi::FileHeader header;
  if (bytes.size() < sizeof(header))
    return;
  std::memcpy(&header, bytes.data(), sizeof(header));
  uint64_t most = (bytes.size() - sizeof(header)) / sizeof(abi::SectionEntry);
  header.sectionCount = header.sectionCount > most ? static_cast<uint32_t>(most) : header.sectionCount;
  header.fileSize = bytes.size();
  uint8_t *table = bytes.data() + sizeof(header);
  for (uint32_t i = 0; i < header.sectionCount; ++i) {
    abi::SectionEntry entry;
    std::memcpy(&entry, table + i * sizeof(entry), sizeof(entry));
    if (entry.offset <= bytes.size() && entry.size <= bytes.size() - entry.offset)
      entry.hash = hash128({bytes.data() + entry.offset, entry.size});
    std::memcpy(table + i * sizeof(entry), &entry, sizeof(entry));
  }
  header.tableHash = hash128({table, header.sectionCount * sizeof(abi::SectionEntry)});
  std::memcpy(bytes.data(), &header, sizeof(header));
}

/// What `archc inspect` and `archc verify` look at.
void describe(const Artifact &artifact) {
  require(!describeSections(artifact).empty());
  for (const abi::TargetPlan *plan : artifact.plans())
    require(!describePlan(artifact, *plan).empty());
  auto interpreter = reference::Interpreter<float>::create(artifact.forward());
  require(interpreter.ok() || !interpreter.status().message().empty());
}

void runSession(archrt_model *model) {
  constexpr int64_t kMostElements = 1 << 20;
  archrt_model_info info{};
  info.struct_size = sizeof(info);
  require(archrt_model_get_info(model, &info) == ARCHRT_OK);
  int64_t inputs = 0;
  bool fits = !__builtin_mul_overflow(info.height, info.width, &inputs) &&
              !__builtin_mul_overflow(inputs, info.channels, &inputs) && inputs <= kMostElements && info.outputs <= kMostElements;
  archrt_session *session = nullptr;
  if (!fits || archrt_session_create(model, &session) != ARCHRT_OK)
    return;
  std::vector<float> pixels(static_cast<size_t>(2 * inputs)), output(static_cast<size_t>(2 * info.outputs));
  archrt_input input{};
  input.struct_size = sizeof(input), input.data = pixels.data(), input.batch = 2;
  if (archrt_session_reserve(session, 2) == ARCHRT_OK)
    archrt_session_run(session, &input, output.data(), output.size());
  archrt_session_release(session);
}

archrt_runtime *oneThread() {
  archrt_runtime_options options{};
  options.struct_size = sizeof(options), options.threads = 1;
  archrt_runtime *runtime = nullptr;
  require(archrt_runtime_create(&options, &runtime) == ARCHRT_OK);
  return runtime;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static archrt_runtime *runtime = oneThread();
  std::vector<uint8_t> bytes(data, data + size);
  repair(bytes);
  auto artifact = Artifact::fromBytes({bytes.data(), bytes.size()});
  if (!artifact.ok()) {
    require(!artifact.status().message().empty());
    return 0;
  }
  describe(**artifact);
  archrt_model_options options{};
  options.struct_size = sizeof(options), options.device = "null";
  archrt_model *model = nullptr;
  if (archrt_model_load_memory(runtime, bytes.data(), bytes.size(), &options, &model) != ARCHRT_OK) {
    require(*archrt_last_error() != '\0');
    return 0;
  }
  runSession(model);
  archrt_model_release(model);
  return 0;
}
