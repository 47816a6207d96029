//===- ContainerTest.cpp - Sections in, sections out, damage found --------===//

#include "runtime/core/ContainerReader.h"
#include "runtime/core/ContainerWriter.h"
#include "test/runtime/TinyArtifact.h"

#include <cstring>
#include <functional>
#include <gtest/gtest.h>

namespace archrt {

static std::string twoSections() {
  ContainerWriter writer;
  writer.addSection(abi::SectionKind::Model, ByteView(std::string_view("model")));
  writer.addSection(abi::SectionKind::Code, ByteView(std::string_view("code!")));
  return writer.finish();
}

static std::string errorOf(const std::string &bytes, HashCheck check = HashCheck::On) {
  auto sections = readContainer(ByteView(bytes), check);
  return sections.ok() ? "" : sections.status().message();
}

TEST(Container, RoundTrip) {
  std::string bytes = twoSections();
  auto sections = readContainer(ByteView(bytes));
  ASSERT_TRUE(sections.ok()) << sections.status().message();
  ASSERT_EQ(sections->size(), 2u);
  EXPECT_EQ((*sections)[0].bytes.text(), "model");
  EXPECT_EQ((*sections)[1].kind, abi::SectionKind::Code);
  EXPECT_EQ((*sections)[1].bytes.text(), "code!");
  EXPECT_EQ((*sections)[1].offset % abi::kSectionAlignment, 0u);
}

TEST(Container, SameSectionsSameBytes) { EXPECT_EQ(twoSections(), twoSections()); }

// No byte of the file may change unseen, padding included.
TEST(Container, EveryFlippedBitIsFound) {
  const std::string good = twoSections();
  for (size_t i = 0; i < good.size(); ++i)
    for (int bit : {0, 7}) {
      std::string bad = good;
      bad[i] ^= static_cast<char>(1 << bit);
      EXPECT_NE(errorOf(bad), "") << "byte " << i;
    }
}

TEST(Container, EveryTruncationIsFound) {
  const std::string good = twoSections();
  for (size_t size = 0; size < good.size(); size += 7)
    EXPECT_NE(errorOf(good.substr(0, size)), "") << size;
  EXPECT_NE(errorOf(good + "x"), "");
}

TEST(Container, SaysWhatIsWrong) {
  EXPECT_NE(errorOf("hello").find("not an archc artifact"), std::string::npos);
  std::string version = twoSections();
  version[8] = 7;
  EXPECT_EQ(errorOf(version), "the artifact has format version 7; expected 1; compile the spec again with this version of archc");
  std::string damaged = twoSections();
  damaged.back() = '?';
  EXPECT_EQ(errorOf(damaged), "the hash of section 1 (CODE) does not match: the file is damaged");
  EXPECT_EQ(errorOf(damaged, HashCheck::Off), "");
  EXPECT_NE(errorOf(twoSections().substr(0, 5000)).find("(truncated)"), std::string::npos);
}

struct BadStructure {
  const char *name, *message;
  std::function<void(std::string &)> change;
};

template <typename T> static void put(std::string &bytes, size_t at, T value) { std::memcpy(&bytes[at], &value, sizeof(value)); }

// Offsets inside the header and the entry of a section, as abi/Container.h lays them out.
constexpr size_t kVersionAt = 8, kCountAt = 12, kFileSizeAt = 16, kFirst = 40, kSecond = 80;
constexpr size_t kKindAt = 0, kReservedAt = 4, kOffsetAt = 8, kSizeAt = 16;

class BadContainer : public testing::TestWithParam<BadStructure> {};

// Structure is checked also when hashes are not.
TEST_P(BadContainer, IsRefused) {
  std::string bytes = twoSections();
  GetParam().change(bytes);
  auto sections = readContainer(ByteView(bytes), HashCheck::Off);
  ASSERT_FALSE(sections.ok());
  EXPECT_EQ(sections.status().code(), ErrorCode::Input);
  EXPECT_NE(sections.status().message().find(GetParam().message), std::string::npos) << sections.status().message();
}

INSTANTIATE_TEST_SUITE_P(
    Structure, BadContainer,
    testing::Values(
        BadStructure{"OlderVersion", "has format version 0; expected 1", [](std::string &b) { put(b, kVersionAt, 0u); }},
        BadStructure{"NewerVersion", "has format version 2; expected 1", [](std::string &b) { put(b, kVersionAt, 2u); }},
        BadStructure{"NoSections", "has 0 sections", [](std::string &b) { put(b, kCountAt, 0u); }},
        BadStructure{"ManySections", "has 4000000000 sections", [](std::string &b) { put(b, kCountAt, 4'000'000'000u); }},
        BadStructure{"TableOutside", "the section table lies outside", [](std::string &b) { put(b, kCountAt, 1000u); }},
        BadStructure{"FileSize", "bytes; expected 9999 as its header says",
                     [](std::string &b) { put(b, kFileSizeAt, uint64_t(9999)); }},
        BadStructure{"Longer", "expected 8197 as its header says", [](std::string &b) { b += "more"; }},
        BadStructure{"Shorter", "(truncated)", [](std::string &b) { b.resize(6000); }},
        BadStructure{"OnlyMagic", "expected a header of 40", [](std::string &b) { b.resize(20); }},
        BadStructure{"Kind", "has the unknown kind 77", [](std::string &b) { put(b, kFirst + kKindAt, 77u); }},
        BadStructure{"Reserved", "a reserved field that is not 0", [](std::string &b) { put(b, kFirst + kReservedAt, 1u); }},
        BadStructure{"Misaligned", "expected a multiple of 4096",
                     [](std::string &b) { put(b, kFirst + kOffsetAt, uint64_t(4097)); }},
        BadStructure{"OnTheHeader", "section 0 lies outside", [](std::string &b) { put(b, kFirst + kOffsetAt, uint64_t(0)); }},
        BadStructure{"BehindTheEnd", "section 1 lies outside",
                     [](std::string &b) { put(b, kSecond + kOffsetAt, uint64_t(1) << 40); }},
        BadStructure{"TooLong", "section 1 lies outside", [](std::string &b) { put(b, kSecond + kSizeAt, uint64_t(6)); }},
        BadStructure{"WrapsAround", "section 1 lies outside", [](std::string &b) { put(b, kSecond + kSizeAt, ~uint64_t(0)); }},
        BadStructure{"TooShort", "bytes outside its sections", [](std::string &b) { put(b, kSecond + kSizeAt, uint64_t(4)); }},
        BadStructure{"Overlap", "overlap", [](std::string &b) { put(b, kSecond + kOffsetAt, uint64_t(4096)); }},
        BadStructure{"PaddingUsed", "bytes outside its sections", [](std::string &b) { b[4096 + 100] = 'x'; }}),
    [](const testing::TestParamInfo<BadStructure> &info) { return std::string(info.param.name); });

} // namespace archrt
