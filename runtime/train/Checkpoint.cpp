#include "runtime/train/Checkpoint.h"

#include "runtime/core/AtomicFile.h"
#include "runtime/core/Hash.h"
#include "runtime/train/RunFolder.h"
#include "runtime/weights/ImportWeights.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>

namespace fs = std::filesystem;

namespace archrt::train {

static constexpr char kFormat[] = "archc checkpoint 1";
static constexpr char kModel[] = "model.safetensors", kAverage[] = "ema.safetensors", kOptimizer[] = "optimizer.safetensors";

// --- TrainState as text ---------------------------------------------------------------------------------------------------

namespace {
/// Calls `field(name, member)` for each number of a state; a double is written in hexadecimal, so that every bit survives.
template <typename State, typename Field> void eachField(State &state, const Field &field) {
  field("epoch", state.epoch);
  field("position", state.position);
  field("update", state.update);
  field("loss_sum", state.lossSum);
  field("right", state.right);
  field("images", state.images);
  field("window_loss", state.windowLoss);
  field("window_right", state.windowRight);
  field("window_images", state.windowImages);
  field("best", state.best);
  field("best_epoch", state.bestEpoch);
  field("best_update", state.bestUpdate);
  field("metrics_bytes", state.metricsBytes);
  field("summary_bytes", state.summaryBytes);
}

using Metadata = std::map<std::string, std::string>;

struct WriteField {
  Metadata &out;
  void operator()(const char *name, const int64_t &value) const { out[name] = std::to_string(value); }
  void operator()(const char *name, const double &value) const {
    char text[40];
    std::snprintf(text, sizeof(text), "%a", value);
    out[name] = text;
  }
};

struct ReadField {
  const Metadata &in;
  std::string &missing; // the last name that was not there or no number
  void operator()(const char *name, int64_t &value) const {
    parse(name, [&](const char *text, char **end) { value = std::strtoll(text, end, 10); });
  }
  void operator()(const char *name, double &value) const {
    parse(name, [&](const char *text, char **end) { value = std::strtod(text, end); });
  }
  template <typename Parse> void parse(const char *name, const Parse &number) const {
    auto found = in.find(name);
    char *end = nullptr;
    if (found != in.end())
      number(found->second.c_str(), &end);
    if (!end || *end || found->second.empty())
      missing = name;
  }
};
} // namespace

// --- Tensors ----------------------------------------------------------------------------------------------------------------

std::vector<SafeTensor> tensorsOf(const abi::Model &model, const ParamStore &store) {
  std::vector<SafeTensor> tensors;
  for (size_t i = 0; i < store.size(); ++i) {
    const abi::Param &param = *model.params()->Get(i);
    SafeTensor tensor{std::string(textOf(param.name())), param.dtype() == abi::DType::I64 ? "I64" : "F32", {}, {}};
    for (size_t d = 0; d < sizeOf(param.shape()); ++d)
      tensor.shape.push_back(param.shape()->Get(d));
    tensor.bytes = {store.data(i), store.byteSize(i)};
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

static std::vector<SafeTensor> momentsOf(const CheckpointParts &parts) {
  std::vector<SafeTensor> tensors;
  const std::vector<std::string> &names = parts.optimizer->momentNames();
  for (size_t moment = 0; moment < names.size(); ++moment)
    for (const ParamLayout::Entry &entry : parts.layout->entries) {
      const abi::Param &param = *parts.model->params()->Get(entry.param);
      SafeTensor tensor{names[moment] + "/" + std::string(textOf(param.name())), "F32", {}, {}};
      for (size_t d = 0; d < sizeOf(param.shape()); ++d)
        tensor.shape.push_back(param.shape()->Get(d));
      tensor.bytes = {parts.optimizer->moment(moment) + entry.offset, static_cast<size_t>(entry.size) * sizeof(float)};
      tensors.push_back(std::move(tensor));
    }
  return tensors;
}

/// Over names and bytes, so that damage of any of the files shows.
static std::string hashOf(const std::vector<std::vector<SafeTensor>> &files) {
  std::string text;
  for (const std::vector<SafeTensor> &file : files) {
    for (const SafeTensor &tensor : file)
      text += tensor.name + " " + toHex(hash128(tensor.bytes)) + "\n";
    text += "\n";
  }
  return toHex(hash128(ByteView(text)));
}

// --- Writing ----------------------------------------------------------------------------------------------------------------

static Status writeFiles(const std::string &folder, const CheckpointParts &parts) {
  std::vector<std::vector<SafeTensor>> files = {tensorsOf(*parts.model, *parts.params), momentsOf(parts)};
  if (parts.average)
    files.push_back(tensorsOf(*parts.model, *parts.average));
  Metadata state = {{"format", kFormat}, {"isa", parts.state->isa}, {"hash", hashOf(files)}};
  eachField(*parts.state, WriteField{state});
  ARCHRT_TRY(writeSafetensors(folder + "/" + kModel, files[0], {{"format", "pt"}}));
  if (parts.average)
    ARCHRT_TRY(writeSafetensors(folder + "/" + kAverage, files[2], {{"format", "pt"}}));
  return writeSafetensors(folder + "/" + kOptimizer, files[1], state);
}

std::string checkpointName(int64_t update) {
  char name[32];
  std::snprintf(name, sizeof(name), "update-%09lld", static_cast<long long>(update));
  return name;
}

/// Also where `target` is there already (the same update, saved again after an evaluation): the two change places.
static Status moveIntoPlace(const std::string &temporary, const std::string &target) {
  if (rename(temporary.c_str(), target.c_str()) == 0)
    return {};
  if (renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) == 0)
    return {};
  return environmentError("cannot rename `", temporary, "`: ", std::strerror(errno));
}

Result<std::string> writeCheckpoint(const std::string &checkpoints, const CheckpointParts &parts) {
  std::string name = checkpointName(parts.state->update);
  std::string target = checkpoints + "/" + name, temporary = target + ".tmp";
  std::error_code error;
  fs::remove_all(temporary, error);
  fs::create_directory(temporary, error);
  Status status = error ? environmentError("cannot create `", temporary, "`: ", error.message()) : writeFiles(temporary, parts);
  if (status.ok())
    status = syncFolder(temporary);
  if (status.ok())
    status = moveIntoPlace(temporary, target);
  if (status.ok())
    status = syncFolder(checkpoints);
  std::error_code ignored;
  fs::remove_all(temporary, ignored); // what was replaced, or what could not be finished
  if (status.ok())
    return name;
  return Status(ErrorCode::Environment, status.message());
}

Status linkCheckpoint(const std::string &checkpoints, const std::string &name, const std::string &target) {
  std::string path = checkpoints + "/" + name, temporary = path + ".tmp";
  std::error_code error;
  fs::remove(temporary, error);
  fs::create_symlink(target, temporary, error);
  if (!error)
    fs::rename(temporary, path, error);
  return error ? environmentError("cannot link `", path, "`: ", error.message()) : syncFolder(checkpoints);
}

void pruneCheckpoints(const std::string &checkpoints, int64_t keep) {
  std::error_code error;
  std::string best = fs::read_symlink(checkpoints + "/best", error).string();
  std::vector<std::string> names = listCheckpoints(checkpoints);
  for (size_t i = static_cast<size_t>(std::max<int64_t>(keep, 1)); i < names.size(); ++i) {
    if (names[i] == best)
      continue;
    // Renamed first: what is half removed must not look like a checkpoint.
    std::string path = checkpoints + "/" + names[i], temporary = path + ".tmp";
    fs::rename(path, temporary, error);
    fs::remove_all(temporary, error);
  }
}

// --- Reading ----------------------------------------------------------------------------------------------------------------

static Status readParams(const SafetensorsFile &file, const abi::Model &model, ParamStore &into) {
  ImportReport report;
  ImportOptions options;
  options.mapping = "timm";
  ARCHRT_ASSIGN(std::shared_ptr<ParamStore> found, importWeights(file, model, options, report));
  for (size_t i = 0; i < into.size(); ++i)
    ARCHRT_TRY(found->read(i, into.mutableData(i)));
  return {};
}

static Status readMoments(const SafetensorsFile &file, const CheckpointParts &parts) {
  for (const SafeTensor &wanted : momentsOf(parts)) {
    const SafeTensor *found = file.find(wanted.name);
    if (!found || found->dtype != "F32" || found->shape != wanted.shape)
      return invalid("`", wanted.name, "` is missing or has another shape; the run was made with another optimizer or spec");
    std::memcpy(const_cast<uint8_t *>(wanted.bytes.data), found->bytes.data, wanted.bytes.size);
  }
  return {};
}

static Status readState(const Metadata &metadata, TrainState &state) {
  std::string missing;
  eachField(state, ReadField{metadata, missing});
  auto isa = metadata.find("isa");
  if (isa != metadata.end())
    state.isa = isa->second;
  return missing.empty() ? Status() : invalid("its `", missing, "` is missing or no number");
}

namespace {
struct CheckpointFiles {
  std::vector<SafetensorsFile> files; // model, optimizer, and the average where there is one

  /// Opens all files and checks that they are those that were written together.
  static Result<CheckpointFiles> open(const std::string &folder, bool averaged) {
    CheckpointFiles opened;
    std::vector<std::vector<SafeTensor>> tensors;
    std::vector<const char *> names = {kModel, kOptimizer};
    if (averaged)
      names.push_back(kAverage);
    for (const char *name : names) {
      ARCHRT_ASSIGN(SafetensorsFile file, SafetensorsFile::open(folder + "/" + name));
      tensors.push_back(file.tensors());
      opened.files.push_back(std::move(file));
    }
    const Metadata &metadata = opened.files[1].metadata();
    auto format = metadata.find("format"), hash = metadata.find("hash");
    if (format == metadata.end() || format->second != kFormat)
      return invalid("`", folder, "` is no checkpoint of this version; expected the format `", kFormat, "`");
    if (hash == metadata.end() || hash->second != hashOf(tensors))
      return invalid("`", folder, "` is damaged: its tensors do not have the hash that was written with them");
    return opened;
  }
};
} // namespace

Result<std::string> readNewestCheckpoint(const std::string &checkpoints, const CheckpointParts &parts,
                                         std::vector<std::string> &damaged) {
  for (const std::string &name : listCheckpoints(checkpoints)) {
    std::string folder = checkpoints + "/" + name;
    auto opened = CheckpointFiles::open(folder, parts.average != nullptr);
    if (!opened.ok()) {
      damaged.push_back(opened.status().message());
      continue;
    }
    ARCHRT_TRY(readParams(opened->files[0], *parts.model, *parts.params).in(folder));
    ARCHRT_TRY(readMoments(opened->files[1], parts).in(folder));
    if (parts.average)
      ARCHRT_TRY(readParams(opened->files[2], *parts.model, *parts.average).in(folder));
    ARCHRT_TRY(readState(opened->files[1].metadata(), *parts.state).in(folder));
    return name;
  }
  return invalid("`", checkpoints, "` holds no checkpoint to go on from", damaged.empty() ? "" : "; " + damaged.front());
}

} // namespace archrt::train
