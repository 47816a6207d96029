//===- ContainerTest.cpp - Sections in, sections out, damage found --------===//

#include "runtime/core/ContainerReader.h"
#include "runtime/core/ContainerWriter.h"
#include "test/runtime/TinyArtifact.h"

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

// Structure is checked also when hashes are not.
TEST(Container, OverlapIsFoundWithoutHashes) {
  std::string bytes = twoSections();
  std::memcpy(&bytes[40 + 40 + 8], &bytes[40 + 8], 8); // the second section's offset becomes the first's
  EXPECT_NE(errorOf(bytes, HashCheck::Off).find("overlap"), std::string::npos);
}

} // namespace archrt
