//===- RunFolder.h - Everything that one training run leaves behind -------===//
//
//   spec.toml recipe.toml      what is trained and how, expanded: all that a resumption needs
//   checkpoints/update-N/      model.safetensors, ema.safetensors, optimizer.safetensors (see Checkpoint.h)
//   checkpoints/last, best     links to two of them
//   metrics.jsonl              what was measured, equal bits for equal runs
//   timing.jsonl               how long it took
//   summary.csv                a line per epoch, with timm's column names
//   curves.svg curves.png      redrawn after each epoch, from metrics.jsonl
//   events.out.tfevents.*      the same for TensorBoard
//   log.txt labels.txt         what was said; what the classes are called
//   lock                       held while a run writes here
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_TRAIN_RUNFOLDER_H
#define ARCHRT_TRAIN_RUNFOLDER_H

#include "runtime/core/Status.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace archrt::train {

/// A file that grows by whole lines and can be set back to an earlier length.
class LineFile {
public:
  explicit LineFile(std::string path) : path(std::move(path)) {}
  ~LineFile();
  LineFile(const LineFile &) = delete;
  LineFile &operator=(const LineFile &) = delete;

  /// Opens for writing and cuts it to `bytes`: what a run wrote after its last checkpoint is written again. kAll keeps all whole
  /// lines.
  Status open(int64_t bytes);
  static constexpr int64_t kAll = -1;
  /// Appends `line` and a line feed.
  Status append(const std::string &line);
  Status sync();
  int64_t bytes() const { return length; }

private:
  Status failed() const;
  int64_t wholeLines() const;
  std::string path;
  int file = -1;
  int64_t length = 0;
};

class RunFolder {
public:
  enum class Mode { Create, Resume };

  /// Takes the lock. Create makes the folder and refuses one that holds a run already; both refuse (an error of the user) while
  /// another process holds it. Removes what an interrupted write left behind.
  static Result<std::unique_ptr<RunFolder>> open(const std::string &path, Mode mode);
  ~RunFolder();

  const std::string &path() const { return root; }
  std::string file(const std::string &name) const { return root + "/" + name; }
  std::string checkpoints() const { return root + "/checkpoints"; }

  LineFile metrics, timing, summary, log;

private:
  explicit RunFolder(const std::string &path)
      : metrics(path + "/metrics.jsonl"), timing(path + "/timing.jsonl"), summary(path + "/summary.csv"), log(path + "/log.txt"),
        root(path) {}
  Status lock();
  std::string root;
  int lockFile = -1;
};

/// Whether `path` is the folder of a run.
bool isRunFolder(const std::string &path);

/// The checkpoint to use of `path`, a run folder or itself a checkpoint: the best where `preferBest`, else the newest.
Result<std::string> findCheckpoint(const std::string &path, bool preferBest);

/// Names of the checkpoints in a run folder, the newest first.
std::vector<std::string> listCheckpoints(const std::string &checkpoints);

/// Reads a whole text file.
Result<std::string> readText(const std::string &path);

} // namespace archrt::train

#endif // ARCHRT_TRAIN_RUNFOLDER_H
