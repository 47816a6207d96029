//===- ArtifactTest.cpp - Sections that do not make an artifact -----------===//

#include "runtime/graph/Artifact.h"
#include "test/runtime/TinyArtifact.h"

#include <gtest/gtest.h>

namespace archrt {
using namespace test;

struct Piece {
  abi::SectionKind kind;
  std::string bytes;
};

/// The sections of the tiny artifact: MODEL, CODE, PLAN.
static std::vector<Piece> tinySections() {
  std::string bytes = TinyArtifact().bytes();
  std::vector<Piece> pieces;
  auto sections = readContainer(ByteView(bytes));
  for (const Section &section : *sections)
    pieces.push_back({section.kind, std::string(section.bytes.text())});
  return pieces;
}

/// Hashes and table are right, whatever the sections are.
static Status statusOf(const std::vector<Piece> &pieces) {
  ContainerWriter writer;
  for (const Piece &piece : pieces)
    writer.addSection(piece.kind, ByteView(piece.bytes));
  return Artifact::fromBytes(ByteView(writer.finish())).status();
}

static void expectRefused(const std::vector<Piece> &pieces, const std::string &message) {
  Status status = statusOf(pieces);
  EXPECT_EQ(status.code(), ErrorCode::Input);
  EXPECT_NE(status.message().find(message), std::string::npos) << status.message();
}

TEST(Artifact, TheSectionsThemselvesAreGood) { EXPECT_TRUE(statusOf(tinySections()).ok()); }

TEST(Artifact, EveryTruncatedTableIsRefused) {
  for (size_t index : {0, 2}) {
    size_t full = tinySections()[index].bytes.size();
    for (size_t size = 1; size < full; size += 13) {
      auto pieces = tinySections();
      pieces[index].bytes.resize(size);
      // The tail of a table may be padding or a text that nobody has to read; what is lost must be noticed or harmless.
      Status status = statusOf(pieces);
      EXPECT_TRUE(status.ok() ? size + 16 > full : status.code() == ErrorCode::Input) << size << " of " << full;
    }
  }
}

TEST(Artifact, TablesOfOtherKindsAreRefused) {
  auto pieces = tinySections();
  pieces[0].bytes = "no table, but long enough to be one";
  expectRefused(pieces, "the MODEL section is not a valid table");
  pieces = tinySections();
  pieces[2].bytes.assign(64, '\xFF');
  expectRefused(pieces, "the PLAN section is not a valid table");
}

TEST(Artifact, CodeThatIsCutOffIsRefused) {
  auto pieces = tinySections();
  pieces[1].bytes.resize(pieces[1].bytes.size() - 1);
  expectRefused(pieces, "kernel `widen`: lies outside the 152 bytes of code");
}

TEST(Artifact, NeedsOneModel) {
  auto pieces = tinySections();
  pieces.push_back(pieces[0]);
  expectRefused(pieces, "two MODEL sections");
  expectRefused({{abi::SectionKind::Weights, tinyWeights()}}, "no MODEL section");
}

TEST(Artifact, TakesOneFileOfWeights) {
  auto pieces = tinySections();
  pieces.push_back({abi::SectionKind::Weights, tinyWeights()});
  EXPECT_TRUE(statusOf(pieces).ok());
  pieces.push_back(pieces.back());
  expectRefused(pieces, "two WEIGHTS sections");
}

TEST(Artifact, AFileIsNamedInItsErrors) {
  std::string path = testing::TempDir() + "cut.archx";
  std::string bytes = TinyArtifact().bytes();
  std::FILE *file = std::fopen(path.c_str(), "wb");
  ASSERT_NE(file, nullptr);
  std::fwrite(bytes.data(), 1, bytes.size() - 1, file);
  std::fclose(file);
  auto artifact = Artifact::open(path);
  ASSERT_FALSE(artifact.ok());
  EXPECT_EQ(artifact.status().code(), ErrorCode::Input);
  EXPECT_EQ(artifact.status().message().rfind(path + ": the artifact has", 0), 0u) << artifact.status().message();
}

} // namespace archrt
