//===- SafetensorsTest.cpp - The format's rules, one bad file each --------===//

#include "runtime/weights/Safetensors.h"

#include <cstring>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

using namespace archrt;

static std::string fileOf(const std::string &header, size_t dataBytes) {
  std::string bytes(8, '\0');
  uint64_t size = header.size();
  std::memcpy(bytes.data(), &size, 8);
  return bytes + header + std::string(dataBytes, '\1');
}

static std::string errorOf(const std::string &bytes) {
  auto file = SafetensorsFile::parse(ByteView(bytes));
  return file.ok() ? "" : file.status().message();
}

TEST(Safetensors, RoundTrip) {
  float a[6] = {1, 2, 3, 4, 5, 6};
  int64_t b = 42;
  auto bytes = serializeSafetensors(
      {{"x.weight", "F32", {2, 3}, {a, sizeof(a)}}, {"n \"quoted\"\n", "I64", {}, {&b, 8}}, {"e", "F16", {0, 4}, {}}},
      {{"format", "pt"}});
  ASSERT_TRUE(bytes.ok());
  uint64_t header;
  std::memcpy(&header, bytes->data(), 8);
  EXPECT_EQ((header + 8) % 64, 0u) << "data begins on a cache line";
  auto file = SafetensorsFile::parse(ByteView(*bytes));
  ASSERT_TRUE(file.ok()) << file.status().message();
  ASSERT_EQ(file->tensors().size(), 3u);
  const SafeTensor *x = file->find("x.weight");
  ASSERT_TRUE(x);
  EXPECT_EQ(x->shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(std::memcmp(x->bytes.data, a, sizeof(a)), 0);
  EXPECT_TRUE(file->find("n \"quoted\"\n"));
  EXPECT_EQ(file->metadata().at("format"), "pt");
}

TEST(Safetensors, ReadsPaddingEscapesAndEmptyTensors) {
  EXPECT_EQ(errorOf(fileOf("{}", 0)), "");
  EXPECT_EQ(errorOf(fileOf("{\"a\\u00e9\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}   ", 4)), "");
  EXPECT_EQ(errorOf(fileOf("{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},"
                           "\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
                           1)),
            "");
}

struct BadFile {
  const char *name, *header;
  size_t data;
  const char *message;
};

class SafetensorsBad : public testing::TestWithParam<BadFile> {};

TEST_P(SafetensorsBad, IsRefused) {
  EXPECT_NE(errorOf(fileOf(GetParam().header, GetParam().data)).find(GetParam().message), std::string::npos)
      << errorOf(fileOf(GetParam().header, GetParam().data));
}

INSTANTIATE_TEST_SUITE_P(
    Files, SafetensorsBad,
    testing::Values(
        BadFile{"Array", "[]", 0, "does not begin with `{`"}, BadFile{"Leading", " {}", 0, "does not begin with `{`"},
        BadFile{"Cut", "{\"a\":{\"dtype\":", 0, "invalid JSON"},
        BadFile{"Twice",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_"
                "offsets\":[1,2]}}",
                2, "the key `a` occurs twice"},
        BadFile{"Hole", "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}", 2, "there is a hole before it"},
        BadFile{"Overlap",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_"
                "offsets\":[1,3]}}",
                3, "overlaps another tensor"},
        BadFile{"Outside", "{\"a\":{\"dtype\":\"U8\",\"shape\":[9],\"data_offsets\":[0,9]}}", 3, "truncated"},
        BadFile{"Backwards", "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[2,1]}}", 3, "lie outside"},
        BadFile{"Rest", "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 2, "the sum of the tensors"},
        BadFile{"Size", "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4,
                "`a`: the offsets span 4 bytes; expected 8"},
        BadFile{"Overflow", "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999,99999999999],\"data_offsets\":[0,4]}}", 4,
                "the shape overflows"},
        BadFile{"Negative", "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4,
                "expected a non-negative integer"},
        BadFile{"Huge", "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}}", 4,
                "an integer below 10^18"},
        BadFile{"Dtype", "{\"a\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "unknown dtype `F33`"},
        BadFile{"Missing", "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "expected all of"},
        BadFile{"Unknown", "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1}}", 4, "unknown key `x`"},
        BadFile{"Metadata", "{\"__metadata__\":{\"a\":1}}", 0, "expected a string"},
        BadFile{"Utf8", "{\"\xff\":{}}", 0, "not valid UTF-8"}, BadFile{"Surrogate", "{\"\\ud800\":{}}", 0, "surrogate"},
        BadFile{"Trailing", "{}x", 0, "expected the end"}),
    [](const testing::TestParamInfo<BadFile> &info) { return std::string(info.param.name); });

TEST(Safetensors, HeaderLengthIsChecked) {
  EXPECT_NE(errorOf("abc").find("expected at least 8"), std::string::npos);
  std::string bytes = fileOf("{}", 0);
  bytes[0] = 100;
  EXPECT_NE(errorOf(bytes).find("truncated"), std::string::npos);
  bytes[7] = 1;
  EXPECT_NE(errorOf(bytes).find("expected at most 100000000"), std::string::npos);
}

TEST(Safetensors, TorchFilesAreNamed) {
  EXPECT_NE(errorOf(std::string("PK\3\4 and more of a zip file", 26)).find("tools/convert_torch.py"), std::string::npos);
  EXPECT_NE(errorOf(std::string("\x80\x02}q\0.", 6)).find("torch.save"), std::string::npos);
}

TEST(Safetensors, WritesAtomically) {
  std::string path = testing::TempDir() + "w.safetensors";
  float value = 1;
  ASSERT_TRUE(writeSafetensors(path, {{"a", "F32", {1}, {&value, 4}}}).ok());
  EXPECT_FALSE(writeSafetensors(path, {{"a", "F32", {2}, {&value, 4}}}).ok()) << "the shape asks for 8 bytes";
  auto file = SafetensorsFile::open(path);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->tensors().size(), 1u) << "a failed write leaves the old file";
  unlink(path.c_str());
  EXPECT_EQ(writeSafetensors("/nowhere/x", {}).code(), ErrorCode::Input);
}
