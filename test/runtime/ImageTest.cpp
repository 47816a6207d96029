// Reading and transforming images against Pillow and timm; files and expectations come from tools/dev/make_image_fixtures.py.

#include "runtime/image/Image.h"
#include "runtime/weights/Npy.h"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace archrt;

namespace {

const std::string kFolder = ARCHC_SOURCE_DIR "/test/runtime/images/";

nlohmann::json casesOf(const char *kind) { return nlohmann::json::parse(std::ifstream(kFolder + "cases.json")).at(kind); }

/// At most 1/255 per value and 0.05/255 in the mean; returns the largest difference.
int expectPixels(const Image &image, const std::string &expectedFile) {
  auto expected = readNpy(kFolder + expectedFile);
  EXPECT_TRUE(expected.ok()) << expected.status().message();
  if (!expected.ok() || expected->shape != std::vector<int64_t>{image.height, image.width, image.channels}) {
    ADD_FAILURE() << expectedFile << ": the image has " << image.height << "x" << image.width << "x" << image.channels
                  << " values";
    return 255;
  }
  int largest = 0, sum = 0;
  for (size_t i = 0; i < image.pixels.size(); ++i) {
    int difference = std::abs(int(image.pixels[i]) - int(expected->bytes.data[i]));
    largest = std::max(largest, difference);
    sum += difference;
  }
  EXPECT_LE(largest, 1) << expectedFile;
  EXPECT_LT(double(sum) / double(image.pixels.size()), 0.05) << expectedFile;
  return largest;
}

TEST(ImageTest, ReadsWhatPillowReads) {
  auto cases = casesOf("reading");
  EXPECT_GT(cases.size(), 50u);
  for (const auto &test : cases) {
    ReadImageOptions options{test.at("channels"), test.at("exif")};
    std::string file = test.at("file");
    auto image = readImage(kFolder + file, options);
    ASSERT_TRUE(image.ok()) << image.status().message();
    int largest = expectPixels(*image, test.at("pixels"));
    bool lossless = file.find(".png") != std::string::npos;
    EXPECT_LE(largest, lossless ? 0 : 1) << file;
  }
}

TEST(ImageTest, TransformsAsTimmDoes) {
  auto cases = casesOf("transforms");
  EXPECT_GE(cases.size(), 10u);
  for (const auto &test : cases) {
    auto image = readImage(kFolder + test.at("file").get<std::string>(), {test.at("channels"), false});
    ASSERT_TRUE(image.ok()) << image.status().message();
    EvalTransform transform{test.at("height"), test.at("width"), test.at("crop_pct"), test.at("interpolation")};
    auto transformed = applyEvalTransform(*image, transform);
    ASSERT_TRUE(transformed.ok()) << transformed.status().message();
    expectPixels(*transformed, test.at("pixels"));
  }
}

TEST(ImageTest, ResizesExactlyAsPillowWhenThePixelsAreTheSame) {
  // A PNG-exact source: the arithmetic of the resize itself must not differ at all.
  auto source = readNpy(kFolder + "expected/rgb_444_jpg.npy");
  ASSERT_TRUE(source.ok());
  Image image(source->shape[0], source->shape[1], source->shape[2]);
  std::copy_n(source->bytes.data, image.pixels.size(), image.pixels.begin());
  for (int size : {77, 64}) {
    EvalTransform transform{size, size, size == 64 ? 1.3 : 1.0, "bicubic"};
    auto transformed = applyEvalTransform(image, transform);
    ASSERT_TRUE(transformed.ok());
    std::string name = size == 77 ? "rgb_444_jpg_77x77_bicubic_1000_3.npy" : "rgb_444_jpg_64x64_bicubic_1300_3.npy";
    EXPECT_EQ(expectPixels(*transformed, "expected/" + name), 0) << size;
  }
}

TEST(ImageTest, ErrorsNameTheFileAndTheReason) {
  const std::pair<const char *, const char *> broken[] = {
      {"broken_truncated.png", "the file is truncated"},
      {"broken_truncated.jpg", "the file is truncated"},
      {"broken_header.jpg", "not a readable JPEG: the file is truncated"},
      {"broken_crc.png", "not a readable PNG: IDAT: "},
      {"broken_empty.png", "the file is empty; expected a JPEG or PNG image"},
      {"broken_format.png", "unknown format; expected a JPEG or PNG image"},
      {"broken_huge.png", "60000x60000 pixels; expected at most"},
      {"no_such_file.png", "no_such_file.png"},
  };
  for (const auto &[file, reason] : broken) {
    auto image = readImage(kFolder + file);
    ASSERT_FALSE(image.ok()) << file;
    EXPECT_NE(image.status().message().find(file), std::string::npos) << image.status().message();
    EXPECT_NE(image.status().message().find(reason), std::string::npos) << image.status().message();
    EXPECT_EQ(image.status().code(), ErrorCode::Input);
  }
  EXPECT_NE(readImage(kFolder).status().message().find("images"), std::string::npos) << "a folder";
}

TEST(ImageTest, EveryCutAndEveryFlippedBitIsSurvived) {
  for (const char *file :
       {"palette4.png", "rgb8_turned.png", "grey16_interlaced.png", "exif6.jpg", "progressive.jpg", "cmyk.jpg"}) {
    std::ifstream stream(kFolder + file, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(stream)), {});
    for (size_t i = 0; i < bytes.size(); ++i) {
      auto cut = decodeImage(ByteView(bytes.data(), i), {3, true});
      EXPECT_FALSE(cut.ok() && i < bytes.size() / 2) << file << " cut at " << i;
      std::string flipped = bytes;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << (i % 8)));
      auto image = decodeImage(ByteView(flipped.data(), flipped.size()), {3, true});
      EXPECT_TRUE(!image.ok() || image->pixels.size() == size_t(image->height * image->width * 3)) << file << " flipped at " << i;
    }
  }
}

TEST(ImageTest, RejectsTransformsThatMakeNoSense) {
  Image strip(1, 4000000, 3);
  EXPECT_FALSE(applyEvalTransform(strip, {224, 224, 1.0, "bicubic"}).ok()) << "it would be 224 times as long";
  Image image(4, 4, 3);
  EXPECT_NE(applyEvalTransform(image, {2, 2, 1.0, "sharp"}).status().message().find("unknown interpolation `sharp`"),
            std::string::npos);
  EXPECT_FALSE(applyEvalTransform(image, {2, 2, 0.0, "bicubic"}).ok());
  EXPECT_FALSE(applyEvalTransform(Image(), {2, 2, 1.0, "bicubic"}).ok());
  EXPECT_FALSE(readImage(kFolder + "rgb8.png", {4, false}).ok()) << "four channels";
}

} // namespace
