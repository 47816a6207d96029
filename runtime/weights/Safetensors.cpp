#include "runtime/weights/Safetensors.h"

#include "runtime/weights/JsonScanner.h"

#include <algorithm>
#include <cstring>

namespace archrt {

static constexpr uint64_t kMaxHeader = 100'000'000; // the limit of the format's own library

namespace {
struct DTypeRow {
  const char *name;
  int64_t bytes;
};
} // namespace

static constexpr DTypeRow kDTypes[] = {{"F64", 8},  {"F32", 4}, {"F16", 2},     {"BF16", 2},    {"I64", 8},    {"I32", 4},
                                       {"I16", 2},  {"I8", 1},  {"U64", 8},     {"U32", 4},     {"U16", 2},    {"U8", 1},
                                       {"BOOL", 1}, {"C64", 8}, {"F8_E5M2", 1}, {"F8_E4M3", 1}, {"F8_E8M0", 1}};

int64_t safetensorsElementBytes(const std::string &dtype) {
  for (const DTypeRow &row : kDTypes)
    if (dtype == row.name)
      return row.bytes;
  return 0;
}

namespace {
/// One entry of the header as it stands there, before it is checked against the data.
struct RawEntry {
  SafeTensor tensor;
  int64_t begin = -1, end = -1;
};
} // namespace

static Status parseEntry(JsonScanner &json, RawEntry &entry) {
  bool hasShape = false;
  ARCHRT_TRY(json.object([&](const std::string &key) -> Status {
    if (key == "dtype") {
      ARCHRT_ASSIGN(entry.tensor.dtype, json.string());
    } else if (key == "shape") {
      ARCHRT_ASSIGN(entry.tensor.shape, json.integers());
      hasShape = true;
    } else if (key == "data_offsets") {
      ARCHRT_ASSIGN(std::vector<int64_t> offsets, json.integers());
      if (offsets.size() != 2)
        return invalid("`data_offsets` has ", offsets.size(), " numbers; expected 2");
      entry.begin = offsets[0];
      entry.end = offsets[1];
    } else {
      return invalid("unknown key `", key, "`; expected `dtype`, `shape` and `data_offsets`");
    }
    return {};
  }));
  if (entry.tensor.dtype.empty() || !hasShape || entry.begin < 0)
    return invalid("expected all of `dtype`, `shape` and `data_offsets`");
  return {};
}

/// The bytes that shape and dtype ask for.
static Result<int64_t> byteSize(const SafeTensor &tensor) {
  int64_t bytes = safetensorsElementBytes(tensor.dtype);
  if (bytes == 0)
    return invalid("unknown dtype `", tensor.dtype, "`");
  bool empty = std::find(tensor.shape.begin(), tensor.shape.end(), 0) != tensor.shape.end();
  for (int64_t extent : tensor.shape)
    if (!empty && __builtin_mul_overflow(bytes, extent, &bytes))
      return invalid("the shape overflows");
  return empty ? 0 : bytes;
}

static Status checkEntry(RawEntry &entry, ByteView data) {
  ARCHRT_ASSIGN(int64_t wanted, byteSize(entry.tensor));
  if (entry.end < entry.begin || static_cast<uint64_t>(entry.end) > data.size)
    return invalid("the offsets [", entry.begin, ", ", entry.end, "] lie outside the ", data.size, " bytes of data",
                   static_cast<uint64_t>(entry.end) > data.size ? " (the file is truncated)" : "");
  if (entry.end - entry.begin != wanted)
    return invalid("the offsets span ", entry.end - entry.begin, " bytes; expected ", wanted, " for its shape and dtype");
  entry.tensor.bytes = data.slice(entry.begin, wanted);
  return {};
}

/// Sorts by offset; nothing may overlap and no byte may be left over, as the format demands.
static Status checkCoverage(std::vector<RawEntry> &entries, size_t dataSize) {
  std::stable_sort(entries.begin(), entries.end(),
                   [](const RawEntry &a, const RawEntry &b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
  int64_t end = 0;
  for (const RawEntry &entry : entries) {
    if (entry.begin != end)
      return invalid("`", entry.tensor.name, "`: its data begins at ", entry.begin, "; expected ", end,
                     entry.begin < end ? ": it overlaps another tensor" : ": there is a hole before it");
    end = entry.end;
  }
  if (static_cast<uint64_t>(end) != dataSize)
    return invalid("the data has ", dataSize, " bytes; expected ", end, ", the sum of the tensors");
  return {};
}

static Status detectPickle(ByteView bytes) {
  bool zip = bytes.size >= 4 && std::memcmp(bytes.data, "PK\3\4", 4) == 0;
  bool pickle = bytes.size >= 2 && bytes.data[0] == 0x80 && bytes.data[1] >= 2 && bytes.data[1] <= 5;
  // A safetensors file whose header length happens to look like a pickle has its `{` at byte 8.
  if (zip || (pickle && (bytes.size < 9 || bytes.data[8] != '{')))
    return invalid("this looks like a file of `torch.save`; expected safetensors (a pickle can run any code, so it is not "
                   "read); convert it with `python3 tools/convert_torch.py IN.pth OUT.safetensors`");
  return {};
}

static Result<ByteView> headerOf(ByteView bytes) {
  ARCHRT_TRY(detectPickle(bytes));
  if (bytes.size < 8)
    return invalid("not a safetensors file: ", bytes.size, " bytes; expected at least 8");
  uint64_t length = 0;
  std::memcpy(&length, bytes.data, 8);
  if (length > kMaxHeader)
    return invalid("not a safetensors file: its header would have ", length, " bytes; expected at most ", kMaxHeader);
  if (length > bytes.size - 8)
    return invalid("the header has ", length, " bytes but the file ends after ", bytes.size - 8, " (truncated)");
  ByteView header = bytes.slice(8, length);
  if (length == 0 || header.data[0] != '{')
    return invalid("not a safetensors file: the header does not begin with `{`");
  if (!isUtf8(header.text()))
    return invalid("the header is not valid UTF-8");
  return header;
}

Result<SafetensorsFile> SafetensorsFile::parse(ByteView bytes) {
  ARCHRT_ASSIGN(ByteView header, headerOf(bytes));
  ByteView data = bytes.slice(8 + header.size, bytes.size - 8 - header.size);
  SafetensorsFile result;
  result.content = bytes;
  std::vector<RawEntry> raw;
  JsonScanner json(header.text());
  ARCHRT_TRY(json.object([&](const std::string &key) -> Status {
    if (key == "__metadata__")
      return json.object([&](const std::string &name) -> Status {
        ARCHRT_ASSIGN(result.meta[name], json.string());
        return {};
      });
    RawEntry entry;
    entry.tensor.name = key;
    ARCHRT_TRY(parseEntry(json, entry).in(concat("`", key, "`")));
    ARCHRT_TRY(checkEntry(entry, data).in(concat("`", key, "`")));
    raw.push_back(std::move(entry));
    return {};
  }));
  ARCHRT_TRY(json.end());
  ARCHRT_TRY(checkCoverage(raw, data.size));
  for (RawEntry &entry : raw) {
    result.index[entry.tensor.name] = result.entries.size();
    result.entries.push_back(std::move(entry.tensor));
  }
  return result;
}

Result<SafetensorsFile> SafetensorsFile::open(const std::string &path) {
  ARCHRT_ASSIGN(std::shared_ptr<MappedFile> file, MappedFile::open(path));
  auto result = parse(file->bytes());
  if (!result.ok())
    return Status(result.status()).in(path);
  result->mapping = std::move(file);
  return result;
}

const SafeTensor *SafetensorsFile::find(const std::string &name) const {
  auto found = index.find(name);
  return found == index.end() ? nullptr : &entries[found->second];
}

} // namespace archrt
