#include "runtime/data/Idx.h"

#include <fstream>
#include <gtest/gtest.h>
#include <zlib.h>

using namespace archrt;

namespace {
class IdxTest : public testing::Test {
protected:
  std::string write(const std::string &name, const std::string &bytes) {
    std::string path = testing::TempDir() + "/" + name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  void expectError(const std::string &path, size_t rank, const std::string &part) {
    Result<IdxArray> array = readIdx(path, rank);
    ASSERT_FALSE(array.ok());
    EXPECT_EQ(array.status().code(), ErrorCode::Input);
    EXPECT_NE(array.status().message().find(part), std::string::npos) << array.status().message();
  }
};

std::string header(std::initializer_list<int> extents) {
  std::string bytes{0, 0, 8, char(extents.size())};
  for (int extent : extents)
    bytes += {char(extent >> 24), char(extent >> 16), char(extent >> 8), char(extent)};
  return bytes;
}
} // namespace

TEST_F(IdxTest, ReadsPlainFiles) {
  Result<IdxArray> array = readIdx(write("plain", header({1, 2, 3}) + "abcdef"), 3);
  ASSERT_TRUE(array.ok()) << array.status().message();
  EXPECT_EQ(array->shape, (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(std::string(array->values.begin(), array->values.end()), "abcdef");
}

TEST_F(IdxTest, ReadsGzippedFiles) {
  std::string path = testing::TempDir() + "/packed.gz", bytes = header({4}) + "wxyz";
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, bytes.data(), unsigned(bytes.size()));
  gzclose(file);
  Result<IdxArray> array = readIdx(path, 1);
  ASSERT_TRUE(array.ok()) << array.status().message();
  EXPECT_EQ(std::string(array->values.begin(), array->values.end()), "wxyz");
}

TEST_F(IdxTest, RefusesWhatIsNoIdxFile) {
  expectError("no/such/file", 1, "cannot be opened");
  expectError(write("empty", ""), 1, "ends inside its header");
  expectError(write("text", "this is text"), 1, "no IDX file");
  expectError(write("rank", header({1, 1}) + "a"), 1, "has rank 2; expected 1");
  expectError(write("cut", header({2, 2}).substr(0, 9)), 2, "ends inside its header");
}

TEST_F(IdxTest, RefusesTooFewAndTooManyValues) {
  expectError(write("short", header({2, 3}) + "abcde"), 2, "holds 5 values; expected 6");
  expectError(write("long", header({2, 3}) + "abcdefg"), 2, "holds more than 6 values; expected 6");
}

TEST_F(IdxTest, AbsurdExtentsAllocateNothing) {
  expectError(write("absurd", header({0x7fffffff, 0x7fffffff, 0x7fffffff}) + "abc"), 3, "claims more values");
  expectError(write("large", header({0x7fffffff}) + "abc"), 1, "holds 3 values");
}

TEST_F(IdxTest, FashionMnistIsWhole) {
  Result<LabelledImages> images = readLabelledImages("fashion-mnist", Split::Test);
  ASSERT_TRUE(images.ok()) << images.status().message();
  EXPECT_EQ(images->count, 10000);
  EXPECT_EQ(images->height * images->width, 784);
  EXPECT_EQ(images->labels[0], 9); // an ankle boot
  EXPECT_FALSE(readLabelledImages("no/such/folder", Split::Test).ok());
}
