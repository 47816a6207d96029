#include "runtime/weights/JsonScanner.h"

#include <set>

namespace archrt {

void JsonScanner::skipSpace() {
  while (position < text.size() &&
         (text[position] == ' ' || text[position] == '\t' || text[position] == '\n' || text[position] == '\r'))
    ++position;
}

Status JsonScanner::error(std::string_view expected) const {
  std::string found = position < text.size() ? concat("`", text[position], "`") : std::string("the end");
  return invalid("invalid JSON at byte ", position, ": found ", found, "; expected ", expected);
}

bool JsonScanner::accept(char wanted) {
  skipSpace();
  if (position >= text.size() || text[position] != wanted)
    return false;
  ++position;
  return true;
}

Status JsonScanner::expect(char wanted) { return accept(wanted) ? Status() : error(concat("`", wanted, "`")); }

Status JsonScanner::object(const std::function<Status(const std::string &key)> &member) {
  ARCHRT_TRY(expect('{'));
  std::set<std::string> keys;
  if (accept('}'))
    return {};
  do {
    skipSpace();
    ARCHRT_ASSIGN(std::string key, string());
    if (!keys.insert(key).second)
      return invalid("the key `", key, "` occurs twice");
    ARCHRT_TRY(expect(':'));
    ARCHRT_TRY(member(key));
  } while (accept(','));
  return expect('}');
}

Result<uint32_t> JsonScanner::hexUnit() {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i, ++position) {
    char digit = position < text.size() ? text[position] : '\0';
    if (digit >= '0' && digit <= '9')
      value = value * 16 + (digit - '0');
    else if ((digit | 0x20) >= 'a' && (digit | 0x20) <= 'f')
      value = value * 16 + ((digit | 0x20) - 'a' + 10);
    else
      return error("a hexadecimal digit");
  }
  return value;
}

static void appendUtf8(std::string &out, uint32_t point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | point >> 6);
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | point >> 12);
    out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | point >> 18);
    out += static_cast<char>(0x80 | (point >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  }
}

Status JsonScanner::escape(std::string &out) {
  static constexpr std::string_view kinds = "\"\\/bfnrt", values = "\"\\/\b\f\n\r\t";
  char kind = position < text.size() ? text[position] : '\0';
  if (size_t at = kinds.find(kind); kind != '\0' && at != std::string_view::npos) {
    out += values[at];
    ++position;
    return {};
  }
  if (kind != 'u')
    return error("an escape sequence");
  ++position;
  ARCHRT_ASSIGN(uint32_t point, hexUnit());
  if (point >= 0xD800 && point < 0xDC00) { // the first half of a surrogate pair
    if (text.substr(position, 2) != "\\u")
      return error("the second half of a surrogate pair");
    position += 2;
    ARCHRT_ASSIGN(uint32_t low, hexUnit());
    if (low < 0xDC00 || low > 0xDFFF)
      return error("the second half of a surrogate pair");
    point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
  } else if (point >= 0xDC00 && point <= 0xDFFF) {
    return error("the first half of a surrogate pair");
  }
  appendUtf8(out, point);
  return {};
}

Result<std::string> JsonScanner::string() {
  skipSpace();
  if (position >= text.size() || text[position] != '"')
    return error("a string");
  ++position;
  std::string out;
  while (position < text.size() && text[position] != '"') {
    if (static_cast<unsigned char>(text[position]) < 0x20)
      return error("a string without control characters");
    if (text[position] != '\\') {
      out += text[position++];
      continue;
    }
    ++position;
    ARCHRT_TRY(escape(out));
  }
  if (position >= text.size())
    return error("the end of a string");
  ++position;
  return out;
}

Result<int64_t> JsonScanner::integer() {
  skipSpace();
  size_t begin = position;
  uint64_t value = 0;
  for (; position < text.size() && text[position] >= '0' && text[position] <= '9'; ++position) {
    value = value * 10 + (text[position] - '0');
    if (position - begin >= 18)
      return error("an integer below 10^18");
  }
  if (position == begin || (text[begin] == '0' && position - begin > 1))
    return error("a non-negative integer");
  return static_cast<int64_t>(value);
}

Result<std::vector<int64_t>> JsonScanner::integers() {
  ARCHRT_TRY(expect('['));
  std::vector<int64_t> values;
  if (accept(']'))
    return values;
  do {
    ARCHRT_ASSIGN(int64_t value, integer());
    values.push_back(value);
  } while (accept(','));
  ARCHRT_TRY(expect(']'));
  return values;
}

Status JsonScanner::end() {
  skipSpace();
  return position == text.size() ? Status() : error("the end");
}

bool isUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    auto lead = static_cast<unsigned char>(text[i]);
    int more = lead < 0x80 ? 0 : lead >> 5 == 6 ? 1 : lead >> 4 == 14 ? 2 : lead >> 3 == 30 ? 3 : -1;
    if (more < 0 || text.size() - i <= static_cast<size_t>(more))
      return false;
    uint32_t point = more == 0 ? lead : lead & (0x3F >> more);
    for (int k = 1; k <= more; ++k) {
      auto next = static_cast<unsigned char>(text[i + k]);
      if (next >> 6 != 2)
        return false;
      point = point << 6 | (next & 0x3F);
    }
    static constexpr uint32_t smallest[] = {0, 0x80, 0x800, 0x10000};
    if (point < smallest[more] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
      return false;
    i += more + 1;
  }
  return true;
}

} // namespace archrt
