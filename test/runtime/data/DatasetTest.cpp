//===- DatasetTest.cpp - Each kind of data set, told apart by its files ---===//

#include "runtime/data/Dataset.h"
#include "runtime/weights/Npy.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace archrt;
using namespace archrt::data;
namespace fs = std::filesystem;

namespace {

class DatasetTest : public testing::Test {
protected:
  void SetUp() override {
    const char *test = testing::UnitTest::GetInstance()->current_test_info()->name();
    folder = fs::temp_directory_path() / ("archrt-dataset-" + std::to_string(getpid()) + "-" + test);
    fs::create_directories(folder);
  }
  void TearDown() override { fs::remove_all(folder); }

  void write(const std::string &name, const std::string &bytes) {
    fs::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << bytes;
  }

  /// A .npy file of `descr` whose data are `bytes`.
  void writeNpy(const std::string &name, const std::string &descr, const std::string &shape, const std::string &bytes) {
    std::string header = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }";
    header.append(63 - (10 + header.size()) % 64, ' ');
    header += '\n';
    std::string prefix = "\x93NUMPY";
    prefix += {'\1', '\0', char(header.size() & 0xFF), char(header.size() >> 8)};
    write(name, prefix + header + bytes);
  }

  std::unique_ptr<Dataset> open(Split split) {
    auto opened = openDataset(folder.string(), split);
    EXPECT_TRUE(opened.ok()) << opened.status().message();
    return opened.ok() ? opened.take() : nullptr;
  }

  std::string problem(Split split = Split::Train) {
    auto opened = openDataset(folder.string(), split);
    return opened.ok() ? "" : opened.status().message();
  }

  fs::path folder;
};

std::string bytesOf(std::initializer_list<int> values) {
  std::string bytes;
  for (int value : values)
    bytes += char(value);
  return bytes;
}

TEST_F(DatasetTest, CifarRecordsArePlanar) {
  std::string pixels(3072, '\0');
  pixels[0] = 10, pixels[1024] = 20, pixels[2048] = 30; // red, green, blue of the first pixel
  for (int i = 1; i <= 5; ++i)
    write("cifar-10-batches-bin/data_batch_" + std::to_string(i) + ".bin", bytesOf({i}) + pixels);
  write("cifar-10-batches-bin/test_batch.bin", bytesOf({9}) + pixels + bytesOf({3}) + pixels);
  write("cifar-10-batches-bin/batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n");
  auto train = open(Split::Train);
  ASSERT_TRUE(train);
  EXPECT_EQ(train->size(), 5);
  EXPECT_EQ(train->classes(), 10);
  EXPECT_EQ(train->label(4), 5);
  EXPECT_EQ(train->classNames()[2], "c");
  auto image = train->read(0, 3);
  ASSERT_TRUE(image.ok());
  EXPECT_EQ(image->pixels[0], 10);
  EXPECT_EQ(image->pixels[1], 20);
  EXPECT_EQ(image->pixels[2], 30);
  EXPECT_EQ(train->read(0, 1)->pixels[0], (10 * 19595 + 20 * 38470 + 30 * 7471 + 0x8000) >> 16);
  EXPECT_EQ(open(Split::Test)->size(), 2);
}

TEST_F(DatasetTest, Cifar100CountsTheFineLabel) {
  std::string pixels(3072, '\7');
  write("train.bin", bytesOf({1, 99}) + pixels);
  write("test.bin", bytesOf({1, 2}) + pixels + "x");
  EXPECT_EQ(open(Split::Train)->label(0), 99);
  EXPECT_EQ(open(Split::Train)->classes(), 100);
  EXPECT_NE(problem(Split::Test).find("has 3075 bytes; expected a multiple of 3074"), std::string::npos);
}

TEST_F(DatasetTest, ArraysOfNumPy) {
  writeNpy("train_images.npy", "|u1", "(2, 1, 2)", bytesOf({1, 2, 3, 4}));
  writeNpy("train_labels.npy", "<i8", "(2,)", bytesOf({1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  writeNpy("test_images.npy", "|u1", "(1, 1, 2, 3)", bytesOf({1, 2, 3, 4, 5, 6}));
  writeNpy("test_labels.npy", "<i4", "(1,)", bytesOf({1, 0, 0, 0}));
  auto train = open(Split::Train), test = open(Split::Test);
  ASSERT_TRUE(train && test);
  EXPECT_EQ(train->classes(), 2);
  EXPECT_EQ(train->label(0), 1);
  auto grey = train->read(1, 3);
  ASSERT_TRUE(grey.ok());
  EXPECT_EQ(grey->pixels, (std::vector<uint8_t>{3, 3, 3, 4, 4, 4}));
  EXPECT_EQ(test->read(0, 3)->pixels[5], 6);
  EXPECT_EQ(test->classes(), 2);

  writeNpy("train_labels.npy", "<i8", "(1,)", bytesOf({1, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_NE(problem().find("has 2 images and 1 labels; expected as many"), std::string::npos);
  writeNpy("train_labels.npy", "<f4", "(2,)", std::string(8, '\0'));
  EXPECT_NE(problem().find("holds floating-point numbers; expected integers"), std::string::npos);
  writeNpy("train_labels.npy", "|u1", "(2,)", bytesOf({0, 1}));
  writeNpy("train_images.npy", "<f4", "(2, 1, 1)", std::string(8, '\0'));
  EXPECT_NE(problem().find("is no array of images"), std::string::npos);
}

TEST_F(DatasetTest, FoldersOfClasses) {
  fs::path images = ARCHC_SOURCE_DIR "/test/runtime/images";
  auto place = [&](const std::string &name, const std::string &image) {
    fs::create_directories((folder / name).parent_path());
    fs::copy_file(images / image, folder / name);
  };
  place("train/cat/b.png", "rgb8.png");
  place("train/cat/deep/a.jpg", "rgb_444.jpg");
  place("train/dog/x.JPEG", "grey.jpg");
  write("train/dog/notes.txt", "no image");
  place("val/dog/y.png", "broken_truncated.png");
  auto train = open(Split::Train), test = open(Split::Test);
  ASSERT_TRUE(train && test);
  EXPECT_EQ(train->size(), 3);
  EXPECT_EQ(train->classNames(), (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(train->label(2), 1);
  EXPECT_TRUE(train->read(1, 3).ok());
  EXPECT_EQ(test->label(0), 1);
  EXPECT_FALSE(test->read(0, 3).ok());
  EXPECT_NE(test->nameOf(0).find("val/dog/y.png"), std::string::npos);

  place("val/bird/z.png", "rgb8.png");
  EXPECT_NE(problem(Split::Test).find("has a class `bird` that"), std::string::npos);
  fs::remove_all(folder / "val");
  EXPECT_NE(problem(Split::Test).find("has no folder `val`"), std::string::npos);
}

TEST_F(DatasetTest, SaysWhatItLooksFor) {
  EXPECT_NE(problem().find("expected files of MNIST or CIFAR"), std::string::npos);
  fs::create_directories(folder / "train" / "empty");
  EXPECT_NE(problem().find("holds no image"), std::string::npos);
  EXPECT_FALSE(openDataset((folder / "none").string(), Split::Train).ok());
  EXPECT_FALSE(openDataset("fashion-mnits", Split::Train).ok());
}

TEST_F(DatasetTest, MnistFilesHaveTenClasses) {
  write("train-images-idx3-ubyte", bytesOf({0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 50, 60}));
  write("train-labels-idx1-ubyte", bytesOf({0, 0, 8, 1, 0, 0, 0, 2, 7, 1}));
  auto train = open(Split::Train);
  ASSERT_TRUE(train);
  EXPECT_EQ(train->classes(), 10);
  EXPECT_EQ(train->read(1, 1)->pixels[0], 60);
  EXPECT_NE(train->nameOf(1).find("image 1 of"), std::string::npos);
}

} // namespace
