#include "runtime/report/EventFile.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace archrt::report {

// --- Checksums -----------------------------------------------------------------------

uint32_t crc32c(ByteView bytes) {
  static const std::array<uint32_t, 256> table = [] {
    std::array<uint32_t, 256> made{};
    for (uint32_t i = 0; i < 256; ++i) {
      made[i] = i;
      for (int bit = 0; bit < 8; ++bit)
        made[i] = made[i] & 1 ? made[i] >> 1 ^ 0x82F63B78u : made[i] >> 1;
    }
    return made;
  }();
  uint32_t crc = ~0u;
  for (size_t i = 0; i < bytes.size; ++i)
    crc = crc >> 8 ^ table[(crc ^ bytes.data[i]) & 0xFF];
  return ~crc;
}

/// As TFRecord stores it, so that a checksum of checksums stays one.
static uint32_t masked(ByteView bytes) {
  uint32_t crc = crc32c(bytes);
  return (crc >> 15 | crc << 17) + 0xA282EAD8u;
}

// --- The wire format -------------------------------------------------------------------

namespace {

enum Wire { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

void putVarint(std::string &out, uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

template <typename T> void putRaw(std::string &out, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

void putKey(std::string &out, int field, Wire wire) { putVarint(out, static_cast<uint64_t>(field) << 3 | wire); }

void putBytes(std::string &out, int field, std::string_view bytes) {
  putKey(out, field, Bytes);
  putVarint(out, bytes.size());
  out.append(bytes);
}

void putInt(std::string &out, int field, int64_t value) {
  putKey(out, field, Varint);
  putVarint(out, static_cast<uint64_t>(value));
}

void putFloat(std::string &out, int field, float value) {
  putKey(out, field, Fixed32);
  putRaw(out, value);
}

// Field numbers of the messages Event, SessionLog, Summary, Summary.Value and Summary.Image.
namespace event {
constexpr int WallTime = 1, Step = 2, FileVersion = 3, Summary = 5, SessionLog = 7;
}
namespace session {
constexpr int Status = 1, Start = 1;
}
namespace summary {
constexpr int Value = 1;
}
namespace value {
constexpr int Tag = 1, SimpleValue = 2, Image = 4;
}
namespace image {
constexpr int Height = 1, Width = 2, Colorspace = 3, Encoded = 4, Rgb = 3;
}

} // namespace

// --- The file --------------------------------------------------------------------------

static Status writeAll(int descriptor, const std::string &path, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return environmentError("cannot write `", path, "`: ", std::strerror(errno));
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Status EventFile::append(const Moment &moment, int field, const std::string &content) {
  std::string message;
  putKey(message, event::WallTime, Fixed64);
  putRaw(message, moment.seconds);
  putInt(message, event::Step, moment.step);
  putBytes(message, field, content);
  std::string length, record;
  putRaw(length, static_cast<uint64_t>(message.size()));
  record = length;
  putRaw(record, masked(ByteView(length)));
  record += message;
  putRaw(record, masked(ByteView(message)));
  return writeAll(descriptor, name, record);
}

Result<std::unique_ptr<EventFile>> EventFile::create(const std::string &folder, const Moment &begin) {
  std::string base = folder + "/events.out.tfevents." + std::to_string(static_cast<int64_t>(begin.seconds)) + ".archc.";
  int descriptor = -1;
  std::string path;
  for (int number = 0; descriptor < 0 && number < 1000; ++number) {
    path = base + std::to_string(number);
    descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
    if (descriptor < 0 && errno != EEXIST)
      break;
  }
  if (descriptor < 0)
    return environmentError("cannot create `", path, "`: ", std::strerror(errno));
  std::unique_ptr<EventFile> file(new EventFile(std::move(path), descriptor));
  ARCHRT_TRY(file->append({0, begin.seconds}, event::FileVersion, "brain.Event:2"));
  if (begin.step > 0) {
    std::string log;
    putInt(log, session::Status, session::Start);
    ARCHRT_TRY(file->append(begin, event::SessionLog, log));
  }
  return file;
}

EventFile::~EventFile() { ::close(descriptor); }

Status EventFile::scalars(const Moment &moment, const std::vector<std::pair<std::string, double>> &values) {
  std::string content;
  for (const auto &[tag, number] : values) {
    std::string one;
    putBytes(one, value::Tag, tag);
    putFloat(one, value::SimpleValue, static_cast<float>(number));
    putBytes(content, summary::Value, one);
  }
  return append(moment, event::Summary, content);
}

Status EventFile::image(const Moment &moment, const PngImage &picture) {
  std::string encoded, one, content;
  putInt(encoded, image::Height, picture.height);
  putInt(encoded, image::Width, picture.width);
  putInt(encoded, image::Colorspace, image::Rgb);
  putBytes(encoded, image::Encoded, picture.png.text());
  putBytes(one, value::Tag, picture.tag);
  putBytes(one, value::Image, encoded);
  putBytes(content, summary::Value, one);
  return append(moment, event::Summary, content);
}

} // namespace archrt::report
