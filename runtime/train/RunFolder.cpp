#include "runtime/train/RunFolder.h"

#include "runtime/core/MappedFile.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace archrt::train {

static constexpr char kPrefix[] = "update-";

LineFile::~LineFile() {
  if (file >= 0)
    close(file);
}

Status LineFile::failed() const { return environmentError("cannot write `", path, "`: ", std::strerror(errno)); }

/// Bytes up to the last line feed.
int64_t LineFile::wholeLines() const {
  int64_t end = lseek(file, 0, SEEK_END);
  char last = 0;
  while (end > 0 && (pread(file, &last, 1, end - 1) != 1 || last != '\n'))
    --end;
  return std::max<int64_t>(end, 0);
}

Status LineFile::open(int64_t bytes) {
  file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0)
    return failed();
  int64_t there = wholeLines();
  length = bytes == kAll ? there : std::min(bytes, there);
  if (ftruncate(file, length) != 0 || lseek(file, length, SEEK_SET) != length)
    return failed();
  return {};
}

Status LineFile::append(const std::string &line) {
  std::string text = line + "\n";
  for (size_t done = 0; done < text.size();) {
    ssize_t written = write(file, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return failed();
    done += static_cast<size_t>(written);
  }
  length += static_cast<int64_t>(text.size());
  return {};
}

Status LineFile::sync() { return fsync(file) == 0 ? Status() : failed(); }

/// Checkpoints that were being written or removed when a run died.
static void removeLeftovers(const std::string &checkpoints) {
  std::error_code error;
  std::vector<fs::path> leftovers;
  for (const fs::directory_entry &entry : fs::directory_iterator(checkpoints, error))
    if (entry.path().extension() == ".tmp")
      leftovers.push_back(entry.path());
  for (const fs::path &path : leftovers)
    fs::remove_all(path, error);
}

Status RunFolder::lock() {
  std::string path = file("lock");
  lockFile = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lockFile < 0)
    return environmentError("cannot open `", path, "`: ", std::strerror(errno));
  if (flock(lockFile, LOCK_EX | LOCK_NB) != 0) {
    char holder[32] = {};
    ssize_t got = pread(lockFile, holder, sizeof(holder) - 1, 0);
    std::string who = got > 0 ? std::string(holder, static_cast<size_t>(got)) : "unknown";
    return invalid("another run is writing to `", root, "` (process ", who.substr(0, who.find('\n')),
                   "); wait for it, or give another folder");
  }
  std::string mine = concat(getpid(), "\n");
  if (ftruncate(lockFile, 0) != 0 || pwrite(lockFile, mine.data(), mine.size(), 0) != ssize_t(mine.size()))
    return environmentError("cannot write `", path, "`: ", std::strerror(errno));
  return {};
}

Result<std::unique_ptr<RunFolder>> RunFolder::open(const std::string &path, Mode mode) {
  if (mode == Mode::Resume && !isRunFolder(path))
    return invalid("`", path, "` is no folder of a run; expected `spec.toml` and `checkpoints` in it");
  std::error_code error;
  fs::create_directories(path + "/checkpoints", error);
  if (error)
    return Status(error.value() == ENOSPC || error.value() == EIO ? ErrorCode::Environment : ErrorCode::Input,
                  concat("cannot create `", path, "`: ", error.message()));
  std::unique_ptr<RunFolder> folder(new RunFolder(path));
  ARCHRT_TRY(folder->lock());
  removeLeftovers(folder->checkpoints());
  if (mode == Mode::Create && !listCheckpoints(folder->checkpoints()).empty())
    return invalid("`", path, "` holds a run already; continue it with `--resume ", path, "`, or give another folder");
  return folder;
}

RunFolder::~RunFolder() {
  if (lockFile >= 0)
    close(lockFile); // the lock goes with it
}

bool isRunFolder(const std::string &path) {
  std::error_code error;
  return fs::is_regular_file(path + "/spec.toml", error) && fs::is_directory(path + "/checkpoints", error);
}

std::vector<std::string> listCheckpoints(const std::string &checkpoints) {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry &entry : fs::directory_iterator(checkpoints, error)) {
    std::string name = entry.path().filename().string();
    if (name.rfind(kPrefix, 0) == 0 && entry.path().extension() != ".tmp")
      names.push_back(name);
  }
  std::sort(names.rbegin(), names.rend());
  return names;
}

Result<std::string> findCheckpoint(const std::string &path, bool preferBest) {
  std::error_code error;
  if (fs::is_regular_file(path + "/model.safetensors", error))
    return path;
  if (!isRunFolder(path))
    return invalid("`", path, "` is neither the folder of a run nor a checkpoint");
  std::string checkpoints = path + "/checkpoints";
  if (preferBest && fs::is_directory(checkpoints + "/best", error))
    return checkpoints + "/" + fs::read_symlink(checkpoints + "/best", error).string();
  std::vector<std::string> names = listCheckpoints(checkpoints);
  if (names.empty())
    return invalid("`", path, "` has no checkpoint yet");
  return checkpoints + "/" + names.front();
}

Result<std::string> readText(const std::string &path) {
  ARCHRT_ASSIGN(std::shared_ptr<MappedFile> file, MappedFile::open(path));
  return std::string(file->bytes().text());
}

} // namespace archrt::train
