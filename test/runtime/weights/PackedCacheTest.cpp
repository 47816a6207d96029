//===- PackedCacheTest.cpp - Packed weights of an earlier process ---------===//

#include "runtime/api/Session.h"
#include "test/runtime/TinyArtifact.h"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace archrt {
using namespace test;
namespace fs = std::filesystem;

namespace {
/// A folder with a weights file, and runs of the tiny network that use a cache beside it.
struct CacheFixture : testing::Test {
  fs::path folder = fs::path(testing::TempDir()) / "packed-cache", cache = folder / "cache", weights = folder / "w.safetensors";
  std::vector<std::string> notes;

  void SetUp() override {
    fs::remove_all(folder);
    fs::create_directories(folder);
    writeWeights(tinyWeights());
  }

  void writeWeights(const std::string &bytes) { std::ofstream(weights, std::ios::binary) << bytes; }

  /// The first output for an input of zeros: 4 w[0].
  float run(const std::string &target = "cpu:x86-64") {
    TinyArtifact tiny(target);
    auto artifact = Artifact::fromBytes(ByteView(tiny.bytes())).take();
    auto runtime = Runtime::create(2, [this](const std::string &note) { notes.push_back(note); }).take();
    ModelOptions options;
    options.cacheDir = cache;
    auto model = Model::load(runtime, artifact, options).take();
    auto file = SafetensorsFile::open(weights).take();
    ImportReport report;
    Status status = model->setWeights(file, {}, report);
    EXPECT_TRUE(status.ok()) << status.message();
    std::vector<float> input(kWidth), output(kWidth);
    EXPECT_TRUE(Session::create(model).take()->run({input.data(), InputKind::F32, Layout::NHWC, 1}, output.data()).ok());
    return output[0];
  }

  std::vector<fs::path> files(const std::string &ending) const {
    std::vector<fs::path> found;
    for (const auto &entry : fs::directory_iterator(cache))
      if (entry.path().extension() == ending)
        found.push_back(entry.path());
    return found;
  }
  fs::path packed() const { return files(".packed").at(0); }
  static std::string contentOf(const fs::path &path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static void rewrite(const fs::path &path, const std::string &bytes) {
    fs::remove(path); // mapped files stay as they are
    std::ofstream(path, std::ios::binary) << bytes;
  }
};
} // namespace

TEST_F(CacheFixture, TheSecondStartUsesWhatTheFirstWrote) {
  EXPECT_EQ(run(), 4.0f);
  ASSERT_EQ(files(".packed").size(), 1u);
  auto written = fs::last_write_time(packed());
  EXPECT_EQ(run(), 4.0f);
  EXPECT_EQ(fs::last_write_time(packed()), written);
  EXPECT_TRUE(notes.empty());
}

TEST_F(CacheFixture, OtherWeightsAreOtherFiles) {
  run();
  static float twos[kWidth] = {2};
  writeWeights(*serializeSafetensors({{"w", "F32", {kWidth}, {twos, sizeof(twos)}}}));
  EXPECT_EQ(run(), 8.0f);
  EXPECT_EQ(files(".packed").size(), 2u);
  EXPECT_TRUE(notes.empty());
}

TEST_F(CacheFixture, OtherPlansAreOtherFiles) {
  run();
  run("cpu:x86-64-v2");
  EXPECT_EQ(files(".packed").size(), 2u);
}

// Every byte counts: magic, version, sizes, hashes, content, length.
TEST_F(CacheFixture, DamagedFilesAreReportedAndWrittenAnew) {
  run();
  fs::path path = packed();
  std::string good = contentOf(path);
  for (size_t at : {0, 8, 16, 24, 40, 56, 4096, 4140}) {
    std::string bad = good;
    bad[at] ^= 1;
    rewrite(path, bad);
    notes.clear();
    EXPECT_EQ(run(), 4.0f) << at;
    ASSERT_EQ(notes.size(), 1u) << at;
    EXPECT_NE(notes[0].find("it is written anew"), std::string::npos) << notes[0];
    EXPECT_EQ(contentOf(path), good) << at;
  }
  for (const std::string &bad : {std::string(), good.substr(0, 100), good.substr(0, good.size() - 1), good + "x"}) {
    rewrite(path, bad);
    notes.clear();
    EXPECT_EQ(run(), 4.0f) << bad.size();
    EXPECT_EQ(notes.size(), 1u) << bad.size();
    EXPECT_EQ(contentOf(path), good);
  }
}

// A file of another key, whole in itself, under this key's name.
TEST_F(CacheFixture, ForeignFilesAreNotBelieved) {
  run();
  fs::path first = packed();
  std::string mine = contentOf(first);
  run("cpu:x86-64-v2");
  for (const fs::path &path : files(".packed"))
    if (path != first)
      rewrite(first, contentOf(path));
  notes.clear();
  EXPECT_EQ(run(), 4.0f);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("holds other weights"), std::string::npos) << notes[0];
  EXPECT_EQ(contentOf(first), mine);
}

TEST_F(CacheFixture, AFolderThatCannotBeWrittenCostsNoRun) {
  cache = folder / "missing" / "cache";
  EXPECT_EQ(run(), 4.0f);
  ASSERT_FALSE(notes.empty());
  EXPECT_NE(notes[0].find("cannot make the cache folder"), std::string::npos) << notes[0];
}

/// Waits until the file's times lie far enough back for a stamp; a file system keeps the time of the change itself from programs.
static void settle() { ::usleep(2'100'000); }

TEST_F(CacheFixture, StampsSayWhatAnUnchangedFileHolds) {
  run();
  EXPECT_TRUE(files(".stamp").empty()); // it was written just now, and may change again without a trace
  settle();
  run();
  ASSERT_EQ(files(".stamp").size(), 1u);

  // The same size and time of modification: the time of the change gives it away.
  struct stat before;
  ASSERT_EQ(stat(weights.c_str(), &before), 0);
  static float twos[kWidth] = {2};
  writeWeights(*serializeSafetensors({{"w", "F32", {kWidth}, {twos, sizeof(twos)}}}));
  timespec times[2] = {before.st_atim, before.st_mtim};
  ASSERT_EQ(utimensat(AT_FDCWD, weights.c_str(), times, 0), 0);
  EXPECT_EQ(run(), 8.0f);
  EXPECT_TRUE(notes.empty());

  settle();
  run();
  std::string bad = contentOf(files(".stamp")[0]);
  bad[60] ^= 1;
  rewrite(files(".stamp")[0], bad);
  EXPECT_EQ(run(), 8.0f);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("is damaged"), std::string::npos) << notes[0];
}

TEST(HashInParallel, IsTheSameForAnyNumberOfThreads) {
  std::string bytes(5'000'001, 'a');
  for (size_t i = 0; i < bytes.size(); i += 7)
    bytes[i] = static_cast<char>(i);
  auto one = ThreadPool::create(1).take(), three = ThreadPool::create(3).take();
  abi::Hash128 hash = hashInParallel(ByteView(bytes), *one);
  EXPECT_EQ(toHex(hash), toHex(hashInParallel(ByteView(bytes), *three)));
  bytes.back() ^= 1;
  EXPECT_NE(toHex(hash), toHex(hashInParallel(ByteView(bytes), *three)));
}

} // namespace archrt
