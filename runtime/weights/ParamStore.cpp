#include "runtime/weights/ParamStore.h"

#include "runtime/graph/Artifact.h"
#include "runtime/weights/Convert.h"

#include <cstring>
#include <sys/mman.h>

namespace archrt {

static constexpr size_t kPage = 4096;

static size_t aligned(size_t bytes) { return (bytes + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment; }

std::shared_ptr<ParamStore> ParamStore::describe(const abi::Model &model) {
  auto store = std::make_shared<ParamStore>();
  for (size_t i = 0; i < sizeOf(model.params()); ++i) {
    const abi::Param &param = *model.params()->Get(i);
    Entry entry;
    entry.name = textOf(param.name());
    entry.isInteger = param.dtype() == abi::DType::I64;
    entry.bytes = elementBytes(param.dtype());
    for (size_t d = 0; d < sizeOf(param.shape()); ++d) {
      entry.shape.push_back(param.shape()->Get(d));
      entry.bytes *= param.shape()->Get(d);
    }
    if (param.init())
      entry.initial = {std::string(textOf(param.init()->kind())), param.init()->a(), param.init()->b()};
    store->entries.push_back(std::move(entry));
  }
  return store;
}

Status ParamStore::allocateMemory() {
  size_t total = 0;
  for (const Entry &entry : entries)
    total += aligned(entry.bytes);
  ARCHRT_ASSIGN(arena, AlignedBuffer::allocate(total));
  uint8_t *next = arena.data();
  for (Entry &entry : entries) {
    entry.memory = next;
    next += aligned(entry.bytes);
  }
  return {};
}

Result<std::shared_ptr<ParamStore>> ParamStore::allocate(const abi::Model &model) {
  std::shared_ptr<ParamStore> store = describe(model);
  ARCHRT_TRY(store->allocateMemory());
  return store;
}

std::shared_ptr<ParamStore> ParamStore::fromSources(const abi::Model &model, std::vector<Source> sources,
                                                    std::shared_ptr<MappedFile> file) {
  std::shared_ptr<ParamStore> store = describe(model);
  for (size_t i = 0; i < sources.size(); ++i)
    store->entries[i].source = std::move(sources[i]);
  store->file = std::move(file);
  return store;
}

Result<std::shared_ptr<ParamStore>> ParamStore::materialize() const {
  auto store = std::make_shared<ParamStore>();
  store->entries = entries;
  ARCHRT_TRY(store->allocateMemory());
  for (size_t i = 0; i < entries.size(); ++i)
    ARCHRT_TRY(read(i, store->entries[i].memory));
  return store;
}

Status ParamStore::read(size_t param, void *out) const {
  const Entry &entry = entries[param];
  const Source &source = entry.source;
  if (entry.memory) {
    std::memcpy(out, entry.memory, entry.bytes);
  } else if (source.dtype.empty() && entry.isInteger) {
    std::memset(out, 0, entry.bytes); // a counter
  } else if (source.dtype.empty()) {
    ARCHRT_ASSIGN(std::vector<float> values, initialize(/*seed=*/0, entry.name, entry.shape, entry.initial));
    std::memcpy(out, values.data(), entry.bytes);
  } else if (!entry.isInteger) {
    convertToFloat(source.dtype, source.bytes, entry.bytes / sizeof(float), static_cast<float *>(out));
  } else {
    for (size_t k = 0; k < entry.bytes / sizeof(int64_t); ++k)
      static_cast<int64_t *>(out)[k] =
          source.dtype == "I64" ? loadElement<int64_t>(source.bytes, k) : loadElement<int32_t>(source.bytes, k);
  }
  return {};
}

void ParamStore::discard(size_t param) const {
  if (!file)
    return;
  auto begin = reinterpret_cast<uintptr_t>(entries[param].source.bytes.data), end = begin + entries[param].source.bytes.size;
  begin = (begin + kPage - 1) / kPage * kPage;
  end = end / kPage * kPage;
  if (begin < end)
    madvise(reinterpret_cast<void *>(begin), end - begin, MADV_DONTNEED); // they are read again from the file if need be
}

} // namespace archrt
