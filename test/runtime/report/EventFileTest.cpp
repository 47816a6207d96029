//===- EventFileTest.cpp - Records that TensorBoard reads -----------------===//

#include "runtime/report/EventFile.h"
#include "runtime/report/Picture.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

using namespace archrt;
using namespace archrt::report;
namespace fs = std::filesystem;

namespace {

/// A field of a message: a number, or bytes.
struct Field {
  int number, wire;
  uint64_t value = 0;
  std::string bytes;
};

uint64_t varint(const std::string &bytes, size_t &at) {
  uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    auto byte = static_cast<unsigned char>(bytes.at(at++));
    value |= uint64_t(byte & 0x7F) << shift;
    if (byte < 0x80)
      return value;
  }
}

std::vector<Field> fieldsOf(const std::string &bytes) {
  std::vector<Field> fields;
  for (size_t at = 0; at < bytes.size();) {
    uint64_t key = varint(bytes, at);
    Field field{int(key >> 3), int(key & 7), 0, ""};
    size_t size = field.wire == 1 ? 8 : field.wire == 5 ? 4 : 0;
    if (field.wire == 0)
      field.value = varint(bytes, at);
    if (field.wire == 2)
      size = varint(bytes, at);
    field.bytes = bytes.substr(at, size);
    EXPECT_EQ(field.bytes.size(), size);
    at += size;
    fields.push_back(field);
  }
  return fields;
}

const Field &field(const std::vector<Field> &fields, int number) {
  for (const Field &candidate : fields)
    if (candidate.number == number)
      return candidate;
  ADD_FAILURE() << "no field " << number;
  return fields.front();
}

template <typename T> T rawAt(const std::string &bytes, size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof(T));
  return value;
}

uint32_t unmasked(uint32_t masked) {
  uint32_t turned = masked - 0xA282EAD8u;
  return turned >> 17 | turned << 15;
}

/// The messages of a TFRecord file, checksums compared.
std::vector<std::string> recordsOf(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  std::string bytes = content.str();
  std::vector<std::string> records;
  for (size_t at = 0; at < bytes.size();) {
    auto length = rawAt<uint64_t>(bytes, at);
    EXPECT_EQ(unmasked(rawAt<uint32_t>(bytes, at + 8)), crc32c(ByteView(bytes.data() + at, 8)));
    records.push_back(bytes.substr(at + 12, length));
    EXPECT_EQ(unmasked(rawAt<uint32_t>(bytes, at + 12 + length)), crc32c(ByteView(records.back())));
    at += 16 + length;
  }
  return records;
}

class EventFileTest : public testing::Test {
protected:
  void SetUp() override { fs::create_directories(folder); }
  void TearDown() override { fs::remove_all(folder); }
  fs::path folder = fs::temp_directory_path() / ("archrt-events-" + std::to_string(getpid()));
};

TEST(Crc32c, IsCastagnolis) { EXPECT_EQ(crc32c(ByteView(std::string_view("123456789"))), 0xE3069283u); }

TEST_F(EventFileTest, ScalarsAndImages) {
  auto file = EventFile::create(folder.string(), {0, 1000.5});
  ASSERT_TRUE(file.ok()) << file.status().message();
  ASSERT_TRUE((*file)->scalars({300, 1001.25}, {{"train/loss", 0.5}, {"train/rate", 1e-3}}).ok());
  std::string png = Picture(3, 2).png().take();
  ASSERT_TRUE((*file)->image({301, 1002}, {"confusion", 2, 3, ByteView(png)}).ok());
  std::vector<std::string> records = recordsOf((*file)->path());
  ASSERT_EQ(records.size(), 3u);

  std::vector<Field> version = fieldsOf(records[0]), scalars = fieldsOf(records[1]), image = fieldsOf(records[2]);
  EXPECT_EQ(field(version, 3).bytes, "brain.Event:2");
  EXPECT_EQ(rawAt<double>(field(version, 1).bytes, 0), 1000.5);
  EXPECT_EQ(field(scalars, 2).value, 300u);
  std::vector<Field> values = fieldsOf(field(scalars, 5).bytes);
  ASSERT_EQ(values.size(), 2u);
  std::vector<Field> rate = fieldsOf(values[1].bytes);
  EXPECT_EQ(field(rate, 1).bytes, "train/rate");
  EXPECT_EQ(rawAt<float>(field(rate, 2).bytes, 0), 1e-3f);
  std::vector<Field> shown = fieldsOf(field(fieldsOf(fieldsOf(field(image, 5).bytes)[0].bytes), 4).bytes);
  EXPECT_EQ(field(shown, 1).value, 2u);
  EXPECT_EQ(field(shown, 2).value, 3u);
  EXPECT_EQ(field(shown, 4).bytes, png);
}

TEST_F(EventFileTest, AResumedRunForgetsWhatCameAfter) {
  ASSERT_TRUE(EventFile::create(folder.string(), {0, 7}).ok());
  auto again = EventFile::create(folder.string(), {120, 7});
  ASSERT_TRUE(again.ok());
  EXPECT_NE((*again)->path().find("events.out.tfevents.7.archc.1"), std::string::npos);
  std::vector<std::string> records = recordsOf((*again)->path());
  ASSERT_EQ(records.size(), 2u);
  std::vector<Field> log = fieldsOf(records[1]);
  EXPECT_EQ(field(log, 2).value, 120u);
  EXPECT_EQ(field(fieldsOf(field(log, 7).bytes), 1).value, 1u);
}

TEST_F(EventFileTest, AFolderThatIsNotThere) {
  auto file = EventFile::create((folder / "none").string(), {0, 7});
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.status().code(), ErrorCode::Environment);
}

} // namespace
