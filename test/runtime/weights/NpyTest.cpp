//===- NpyTest.cpp - Array files of NumPy ---------------------------------===//

#include "runtime/weights/Npy.h"

#include <cstring>
#include <gtest/gtest.h>
#include <unistd.h>

using namespace archrt;

static std::string fileOf(const std::string &header, size_t dataBytes, char major = 1) {
  std::string bytes("\x93NUMPY", 6);
  bytes += {major, '\0', static_cast<char>(header.size() & 0xFF), static_cast<char>(header.size() >> 8)};
  if (major == 2)
    bytes += std::string(2, '\0');
  return bytes + header + std::string(dataBytes, '\0');
}

static std::string errorOf(const std::string &bytes) {
  auto array = parseNpy(ByteView(bytes));
  return array.ok() ? "" : array.status().message();
}

TEST(Npy, RoundTrip) {
  std::string path = testing::TempDir() + "a.npy";
  float data[6] = {1, 2, 3, 4, 5, 6};
  for (const std::vector<int64_t> &shape : {std::vector<int64_t>{2, 3}, {6}, {1, 1, 6}, {}}) {
    ASSERT_TRUE(writeNpy(path, shape, data).ok());
    auto array = readNpy(path);
    ASSERT_TRUE(array.ok()) << array.status().message();
    EXPECT_EQ(array->shape, shape);
    EXPECT_EQ(std::memcmp(array->bytes.data, data, array->bytes.size), 0);
    EXPECT_EQ((array->bytes.data - array->file->bytes().data) % 64, 0);
  }
  unlink(path.c_str());
}

TEST(Npy, ReadsWhatNumPyWrites) {
  EXPECT_EQ(errorOf(fileOf("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }   \n", 24)), "");
  EXPECT_EQ(errorOf(fileOf("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n", 16, 2)), "");
  EXPECT_EQ(errorOf(fileOf("{'descr': '|u1', 'fortran_order': True, 'shape': (3,), }\n", 3)), "");
  EXPECT_EQ(errorOf(fileOf("{'descr': '|u1', 'fortran_order': False, 'shape': (), }\n", 1)), "");
}

TEST(Npy, BadFilesAreRefused) {
  auto contains = [](const std::string &text, const char *part) { return text.find(part) != std::string::npos; };
  EXPECT_TRUE(contains(errorOf("hello world"), "not a .npy file"));
  EXPECT_TRUE(contains(errorOf(std::string("\x93NUMPY\1", 7)), "truncated in its header"));
  EXPECT_TRUE(contains(errorOf(fileOf("{}", 0, 3)), "version 3.0"));
  EXPECT_TRUE(contains(errorOf(fileOf("{'descr': '<f4'}", 0)), "lacks"));
  EXPECT_TRUE(contains(errorOf(fileOf("{'descr': '>f4', 'fortran_order': False, 'shape': (1,)}", 4)), "`>f4`; expected `<f4`"));
  EXPECT_TRUE(contains(errorOf(fileOf("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", 4)), "dtype `|O`"));
  EXPECT_TRUE(contains(errorOf(fileOf("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2)}", 16)), "Fortran"));
  EXPECT_TRUE(contains(errorOf(fileOf("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)}", 12)), "expected 16"));
  EXPECT_TRUE(
      contains(errorOf(fileOf("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999)}", 4)), "overflows"));
  EXPECT_TRUE(contains(errorOf(fileOf("{'descr': '<f4', 'fortran_order': Maybe, 'shape': ()}", 4)), "`True` or `False`"));
  EXPECT_TRUE(contains(errorOf(fileOf("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", 4)), "expected an integer"));
}
