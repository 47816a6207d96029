#include "runtime/weights/Npy.h"

#include "runtime/core/AtomicFile.h"

#include <algorithm>
#include <cstring>

namespace archrt {

static constexpr char kMagic[] = "\x93NUMPY";
static constexpr size_t kMagicSize = 6;

int64_t NpyArray::elementCount() const {
  // An empty array may have other extents whose product overflows.
  if (std::find(shape.begin(), shape.end(), 0) != shape.end())
    return 0;
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  return count;
}

namespace {
/// The header is a Python literal: {'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }.
class HeaderParser {
public:
  explicit HeaderParser(std::string_view text) : text(text) {}

  Status parse() {
    ARCHRT_TRY(expect('{'));
    while (!accept('}')) {
      ARCHRT_ASSIGN(std::string key, quoted());
      ARCHRT_TRY(expect(':'));
      ARCHRT_TRY(value(key));
      if (!accept(',')) {
        ARCHRT_TRY(expect('}'));
        break;
      }
    }
    skipSpace();
    if (position != text.size())
      return error("the end of the header");
    if (descr.empty() || !hasOrder || !hasShape)
      return invalid("the header of the .npy file lacks `descr`, `fortran_order` or `shape`");
    return {};
  }

  std::string descr;
  bool fortran = false;
  std::vector<int64_t> shape;

private:
  Status value(const std::string &key) {
    if (key == "descr") {
      ARCHRT_ASSIGN(descr, quoted());
    } else if (key == "fortran_order") {
      hasOrder = true;
      fortran = word("True");
      if (!fortran && !word("False"))
        return error("`True` or `False`");
    } else if (key == "shape") {
      hasShape = true;
      return tuple();
    } else {
      return invalid("unknown key `", key, "` in the header of the .npy file");
    }
    return {};
  }

  Status tuple() {
    shape.clear();
    ARCHRT_TRY(expect('('));
    while (!accept(')')) {
      ARCHRT_ASSIGN(int64_t extent, integer());
      shape.push_back(extent);
      if (!accept(',')) {
        ARCHRT_TRY(expect(')'));
        break;
      }
    }
    return {};
  }

  Result<int64_t> integer() {
    skipSpace();
    size_t begin = position;
    int64_t value = 0;
    for (; position < text.size() && text[position] >= '0' && text[position] <= '9'; ++position) {
      if (position - begin >= 18)
        return error("an integer below 10^18");
      value = value * 10 + (text[position] - '0');
    }
    if (position == begin)
      return error("an integer");
    return value;
  }

  Result<std::string> quoted() {
    skipSpace();
    char quote = position < text.size() ? text[position] : '\0';
    size_t end = quote == '\'' || quote == '"' ? text.find(quote, position + 1) : std::string_view::npos;
    if (end == std::string_view::npos)
      return error("a string");
    std::string out(text.substr(position + 1, end - position - 1));
    position = end + 1;
    return out;
  }

  bool word(std::string_view wanted) {
    skipSpace();
    if (text.substr(position, wanted.size()) != wanted)
      return false;
    position += wanted.size();
    return true;
  }
  bool accept(char wanted) { return word(std::string_view(&wanted, 1)); }
  Status expect(char wanted) { return accept(wanted) ? Status() : error(concat("`", wanted, "`")); }
  void skipSpace() {
    while (position < text.size() && (text[position] == ' ' || text[position] == '\n' || text[position] == '\t'))
      ++position;
  }
  Status error(std::string_view expected) const {
    return invalid("invalid header of the .npy file at byte ", position, "; expected ", expected);
  }

  std::string_view text;
  size_t position = 0;
  bool hasOrder = false, hasShape = false;
};
} // namespace

static Result<NpyType> typeOf(const std::string &descr, bool integers) {
  if (integers && (descr == "<i4" || descr == "<i8"))
    return descr == "<i4" ? NpyType::I32 : NpyType::I64;
  if (descr == "<f4")
    return NpyType::F32;
  if (descr == "<f8")
    return NpyType::F64;
  if (descr == "|u1" || descr == "<u1")
    return NpyType::U8;
  return invalid("the array has dtype `", descr, "`; expected ", integers ? "`<i4`, `<i8`" : "`<f4`, `<f8`", " or `|u1`");
}

static Result<ByteView> headerOf(ByteView bytes, size_t &dataBegin) {
  if (bytes.size < kMagicSize || std::memcmp(bytes.data, kMagic, kMagicSize) != 0)
    return invalid("not a .npy file: it does not begin with the magic `\\x93NUMPY`");
  if (bytes.size < 10)
    return invalid("the .npy file is truncated in its header");
  unsigned major = bytes.data[6], minor = bytes.data[7];
  if ((major != 1 && major != 2) || minor != 0)
    return invalid("the .npy file has version ", major, ".", minor, "; expected 1.0 or 2.0");
  size_t begin = major == 1 ? 10 : 12;
  if (bytes.size < begin)
    return invalid("the .npy file is truncated in its header");
  size_t length = bytes.data[8] | bytes.data[9] << 8;
  if (major == 2)
    length |= size_t(bytes.data[10]) << 16 | size_t(bytes.data[11]) << 24;
  if (length > bytes.size - begin)
    return invalid("the .npy file is truncated in its header");
  dataBegin = begin + length;
  return bytes.slice(begin, length);
}

static int64_t sizeOf(NpyType type) {
  switch (type) {
  case NpyType::F32:
  case NpyType::I32:
    return 4;
  case NpyType::F64:
  case NpyType::I64:
    return 8;
  case NpyType::U8:
    return 1;
  }
  return 0;
}

static Result<NpyArray> parse(ByteView bytes, bool integers) {
  size_t dataBegin = 0;
  ARCHRT_ASSIGN(ByteView header, headerOf(bytes, dataBegin));
  HeaderParser parser(header.text());
  ARCHRT_TRY(parser.parse());
  if (parser.fortran && parser.shape.size() > 1)
    return invalid("the array is in Fortran order; expected C order; save it with `numpy.ascontiguousarray`");
  NpyArray array;
  ARCHRT_ASSIGN(array.type, typeOf(parser.descr, integers));
  array.shape = parser.shape;
  int64_t size = sizeOf(array.type);
  bool empty = false;
  for (int64_t extent : array.shape)
    empty = empty || extent == 0;
  for (int64_t extent : array.shape)
    if (!empty && __builtin_mul_overflow(size, extent, &size))
      return invalid("the shape of the array overflows");
  size = empty ? 0 : size;
  if (bytes.size - dataBegin != static_cast<uint64_t>(size))
    return invalid("the .npy file has ", bytes.size - dataBegin, " bytes of data; expected ", size, " for its shape and dtype");
  array.bytes = bytes.slice(dataBegin, size);
  return array;
}

Result<NpyArray> parseNpy(ByteView bytes) { return parse(bytes, /*integers=*/false); }

/// Bytes of a little-endian integer.
template <typename T> static int64_t integerAt(ByteView bytes, int64_t index) {
  T value;
  std::memcpy(&value, bytes.data + static_cast<size_t>(index) * sizeof(T), sizeof(T));
  return static_cast<int64_t>(value);
}

Result<std::vector<int64_t>> readNpyIntegers(const std::string &path) {
  ARCHRT_ASSIGN(std::shared_ptr<MappedFile> file, MappedFile::open(path));
  auto array = parse(file->bytes(), /*integers=*/true);
  if (!array.ok())
    return Status(array.status()).in(path);
  if (array->type == NpyType::F32 || array->type == NpyType::F64)
    return invalid("`", path, "` holds floating-point numbers; expected integers");
  std::vector<int64_t> values(static_cast<size_t>(array->elementCount()));
  for (size_t i = 0; i < values.size(); ++i) {
    auto at = static_cast<int64_t>(i);
    values[i] = array->type == NpyType::U8    ? integerAt<uint8_t>(array->bytes, at)
                : array->type == NpyType::I32 ? integerAt<int32_t>(array->bytes, at)
                                              : integerAt<int64_t>(array->bytes, at);
  }
  return values;
}

Result<NpyArray> readNpy(const std::string &path) {
  ARCHRT_ASSIGN(std::shared_ptr<MappedFile> file, MappedFile::open(path));
  auto array = parseNpy(file->bytes());
  if (!array.ok())
    return Status(array.status()).in(path);
  array->file = std::move(file);
  return array;
}

Status writeNpy(const std::string &path, const std::vector<int64_t> &shape, const float *data) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  size_t count = 1;
  for (int64_t extent : shape) {
    header += std::to_string(extent) + ", ";
    count *= extent;
  }
  if (shape.size() > 1)
    header.resize(header.size() - 2); // `(2, 3)`, but `(2, )` keeps its comma
  header += "), }";
  // Magic, version, length and header end on a 64-byte boundary with a newline, as NumPy writes them.
  size_t total = (10 + header.size() + 1 + 63) / 64 * 64;
  header.append(total - 10 - header.size() - 1, ' ');
  header += '\n';
  std::string prefix(kMagic, kMagicSize);
  prefix += {'\1', '\0', static_cast<char>(header.size() & 0xFF), static_cast<char>(header.size() >> 8)};
  return writeFileAtomically(path, {ByteView(prefix), ByteView(header), ByteView(data, count * sizeof(float))});
}

} // namespace archrt
