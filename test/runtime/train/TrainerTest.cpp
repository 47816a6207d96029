#include "test/runtime/train/FakeTraining.h"

#include <csignal>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

using namespace archrt;
using namespace archrt::train;
using archrt::test::FakeRun;
using archrt::test::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

std::string contents(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

/// All that must have equal bits in equal runs.
std::map<std::string, std::string> resultsOf(const std::string &folder) {
  std::map<std::string, std::string> files;
  std::vector<std::string> checkpoints = listCheckpoints(folder + "/checkpoints");
  EXPECT_FALSE(checkpoints.empty());
  for (const char *name : {"model", "ema", "optimizer"})
    files[name] = checkpoints.front() + contents(folder + "/checkpoints/" + checkpoints.front() + "/" + name + ".safetensors");
  files["best"] = fs::read_symlink(folder + "/checkpoints/best").string();
  for (const char *name : {"metrics.jsonl", "summary.csv"})
    files[name] = contents(folder + "/" + name);
  return files;
}

void expectEqual(const std::map<std::string, std::string> &got, const std::map<std::string, std::string> &wanted) {
  for (const auto &[name, bytes] : wanted)
    EXPECT_TRUE(got.at(name) == bytes) << name << " differs";
}

/// A run folder needs its spec to be one.
std::string runFolder(const TemporaryFolder &temporary, const std::string &name = "run") {
  std::string path = temporary.path + "/" + name;
  fs::create_directories(path);
  std::ofstream(path + "/spec.toml") << "# a spec\n";
  return path;
}

std::map<std::string, std::string> uninterrupted(FakeRun run, const TemporaryFolder &temporary) {
  run.folder = runFolder(temporary, "uninterrupted");
  EXPECT_TRUE(run.run().ok());
  return resultsOf(run.folder);
}

TEST(Trainer, LearnsAndWritesWhatItMeasured) {
  TemporaryFolder temporary;
  FakeRun run;
  run.options.epochs = run.options.schedule.epochs = 12;
  run.folder = runFolder(temporary);
  auto end = run.run();
  ASSERT_TRUE(end.ok()) << end.status().message();
  EXPECT_EQ(*end, TrainEnd::Finished);
  std::istringstream summary(contents(run.folder + "/summary.csv"));
  std::string line, last;
  std::getline(summary, line);
  EXPECT_EQ(line, "epoch,train_loss,eval_loss,eval_top1,eval_top5,lr");
  int lines = 0;
  double firstLoss = 0, lastLoss = 0;
  while (std::getline(summary, line)) {
    double loss = std::stod(line.substr(line.find(',') + 1));
    (lines++ ? lastLoss : firstLoss) = loss;
  }
  EXPECT_EQ(lines, 12);
  EXPECT_LT(lastLoss, 0.6 * firstLoss);
  EXPECT_NE(contents(run.folder + "/metrics.jsonl").find("\"kind\":\"eval\",\"epoch\":11,\"update\":84,"), std::string::npos);
  // Two recent ones, and the best where it is another.
  EXPECT_LE(listCheckpoints(run.folder + "/checkpoints").size(), 3u);
  EXPECT_EQ(fs::read_symlink(run.folder + "/checkpoints/last"), checkpointName(84));
}

TEST(Trainer, StoppedAndResumedGivesTheSameBits) {
  for (OptimizerKind kind : {OptimizerKind::AdamW, OptimizerKind::Lamb, OptimizerKind::Sgd, OptimizerKind::Lion}) {
    TemporaryFolder temporary;
    FakeRun run;
    run.options.optimizer.kind = kind;
    if (kind == OptimizerKind::Sgd)
      run.options.sharpness = SharpnessKind::Sam;
    auto wanted = uninterrupted(run, temporary);
    run.folder = runFolder(temporary);
    run.threads = 2;
    for (int64_t updates : {1, 9, 4}) { // inside and at the end of an epoch of seven updates
      run.stopAfter = updates;
      auto end = run.run();
      ASSERT_TRUE(end.ok()) << end.status().message();
      EXPECT_EQ(*end, TrainEnd::Interrupted);
    }
    run.stopAfter = -1;
    ASSERT_TRUE(run.run().ok());
    expectEqual(resultsOf(run.folder), wanted);
  }
}

/// Runs in another process and returns what waitpid says; kills it after `microseconds` if that is not negative.
int inChild(
    FakeRun run, int64_t microseconds, const std::function<void()> &before = [] {}) {
  pid_t child = fork();
  if (child == 0) {
    before();
    auto end = run.run();
    _exit(end.ok() ? 0 : int(end.status().code()));
  }
  if (microseconds >= 0) {
    usleep(useconds_t(microseconds));
    kill(child, SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

TEST(Trainer, KilledAtAnyTimeGivesTheSameBits) {
  TemporaryFolder temporary;
  FakeRun run;
  run.options.epochs = run.options.schedule.epochs = 20;
  run.options.checkpointUpdates = 2;
  auto start = std::chrono::steady_clock::now();
  auto wanted = uninterrupted(run, temporary);
  double whole = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
  // Up to twenty kills, spread over about half of a run: on a machine whose speed varies a run may get to its end before.
  run.folder = runFolder(temporary);
  CounterRandom random(20, "kills");
  int kills = 0;
  for (uint64_t i = 0; i < 20; ++i) {
    int status = inChild(run, int64_t(random.uniform(i) * whole / 20));
    ASSERT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << WEXITSTATUS(status);
    kills += WIFSIGNALED(status);
  }
  EXPECT_GE(kills, 1);
  ASSERT_EQ(inChild(run, -1), 0);
  expectEqual(resultsOf(run.folder), wanted);
  for (const auto &entry : fs::directory_iterator(run.folder + "/checkpoints"))
    EXPECT_NE(entry.path().extension(), ".tmp");
}

TEST(Trainer, ADamagedCheckpointGivesWayToTheOneBefore) {
  TemporaryFolder temporary;
  FakeRun run;
  auto wanted = uninterrupted(run, temporary);
  run.folder = runFolder(temporary);
  run.stopAfter = 20;
  ASSERT_TRUE(run.run().ok());
  std::string newest = listCheckpoints(run.folder + "/checkpoints").front();
  std::fstream file(run.folder + "/checkpoints/" + newest + "/model.safetensors",
                    std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(-1, std::ios::end);
  file.put('\x55');
  file.close();
  run.stopAfter = -1;
  std::vector<std::string> notes;
  ASSERT_TRUE(run.run(&notes).ok());
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find(newest + "` is damaged: its tensors do not have the hash"), std::string::npos) << notes[0];
  expectEqual(resultsOf(run.folder), wanted);
}

// A limit on the size of files stands for the full disk: writes fail in the middle of a file.
TEST(Trainer, AFullDiskEndsTheRunAndLeavesTheCheckpointBefore) {
  TemporaryFolder temporary;
  FakeRun run;
  run.folder = runFolder(temporary);
  run.options.logEvery = 0;
  run.stopAfter = 3;
  ASSERT_TRUE(run.run().ok());
  std::string before = contents(run.folder + "/checkpoints/update-000000003/optimizer.safetensors");
  run.stopAfter = 2;
  int status = inChild(run, -1, [] {
    signal(SIGXFSZ, SIG_IGN);
    rlimit limit{400, 400};
    setrlimit(RLIMIT_FSIZE, &limit);
  });
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 1);
  EXPECT_EQ(listCheckpoints(run.folder + "/checkpoints").front(), "update-000000003");
  EXPECT_EQ(contents(run.folder + "/checkpoints/update-000000003/optimizer.safetensors"), before);
  run.stopAfter = -1;
  EXPECT_TRUE(run.run().ok());
}

TEST(Trainer, TheSizeOfTheGradientStepDoesNotChangeWhatIsTrained) {
  TemporaryFolder temporary;
  FakeRun run;
  auto wanted = uninterrupted(run, temporary);
  run.folder = runFolder(temporary);
  run.options.microBatch = 16;
  ASSERT_TRUE(run.run().ok());
  // Not the same bits: sums are cut elsewhere.
  std::string got = contents(run.folder + "/summary.csv");
  auto lossOf = [](const std::string &summary) {
    size_t row = summary.rfind('\n', summary.size() - 2);
    return std::stod(summary.substr(summary.find(',', row) + 1));
  };
  EXPECT_NEAR(lossOf(got), lossOf(wanted["summary.csv"]), 1e-5);
}

TEST(Trainer, NamesWhatIsNotFinite) {
  TemporaryFolder temporary;
  FakeRun run;
  run.folder = runFolder(temporary);
  run.poisonAt = 5; // the first part of the third update
  auto end = run.run();
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(int(end.status().code()), 3);
  EXPECT_EQ(end.status().message(), "update 2 (epoch 0): the gradient of `head.bias` is not finite, the losses are; `archc train "
                                    "--resume " +
                                        run.folder + "` goes on from the last checkpoint and replays it");
}

TEST(Trainer, RefusesWhatCannotBeTrained) {
  TemporaryFolder temporary;
  FakeRun run;
  run.folder = runFolder(temporary);
  run.options.dropLast = true;
  run.images = 10;
  EXPECT_EQ(run.run().status().message(), "the data has 10 images; expected at least one batch of 16");
  run.options.microBatch = 5;
  EXPECT_EQ(run.run().status().message(), "a batch of 16 images in parts of 5; expected equal parts");
}

TEST(RunFolder, OneRunAtATime) {
  TemporaryFolder temporary;
  std::string path = runFolder(temporary);
  auto first = RunFolder::open(path, RunFolder::Mode::Create);
  ASSERT_TRUE(first.ok());
  auto second = RunFolder::open(path, RunFolder::Mode::Create);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(int(second.status().code()), 2);
  EXPECT_EQ(second.status().message(),
            concat("another run is writing to `", path, "` (process ", getpid(), "); wait for it, or give another folder"));
  first = Status::invalid("released");
  EXPECT_TRUE(RunFolder::open(path, RunFolder::Mode::Create).ok());
}

TEST(RunFolder, RefusesAFolderThatHoldsARun) {
  TemporaryFolder temporary;
  FakeRun run;
  run.folder = runFolder(temporary);
  run.stopAfter = 1;
  ASSERT_TRUE(run.run().ok());
  auto again = RunFolder::open(run.folder, RunFolder::Mode::Create);
  EXPECT_EQ(again.status().message(),
            "`" + run.folder + "` holds a run already; continue it with `--resume " + run.folder + "`, or give another folder");
  auto other = RunFolder::open(temporary.path + "/nothing", RunFolder::Mode::Resume);
  EXPECT_EQ(other.status().message(),
            "`" + temporary.path + "/nothing` is no folder of a run; expected `spec.toml` and `checkpoints` in it");
}

TEST(RunFolder, FindsCheckpoints) {
  TemporaryFolder temporary;
  FakeRun run;
  run.folder = runFolder(temporary);
  EXPECT_EQ(findCheckpoint(run.folder, true).status().message(),
            "`" + run.folder + "` is neither the folder of a run nor a checkpoint");
  ASSERT_TRUE(run.run().ok());
  std::string best = *findCheckpoint(run.folder, true), last = *findCheckpoint(run.folder, false);
  EXPECT_EQ(best, run.folder + "/checkpoints/" + fs::read_symlink(run.folder + "/checkpoints/best").string());
  EXPECT_EQ(last, run.folder + "/checkpoints/update-000000028");
  EXPECT_EQ(*findCheckpoint(last, true), last);
}

} // namespace
