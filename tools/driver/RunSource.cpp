#include "tools/driver/RunSource.h"

#include "runtime/core/AtomicFile.h"
#include "runtime/train/RunFolder.h"

#include <filesystem>
#include <nlohmann/json.hpp>

using namespace archrt;
namespace fs = std::filesystem;

namespace archc::driver {

Result<std::optional<RunSource>> findRun(const std::string &path) {
  std::error_code error;
  bool isCheckpoint = fs::is_regular_file(path + "/model.safetensors", error);
  if (!isCheckpoint && !train::isRunFolder(path))
    return std::optional<RunSource>();
  RunSource source;
  ARCHRT_ASSIGN(source.checkpoint, train::findCheckpoint(path, /*preferBest=*/true));
  source.folder = isCheckpoint ? (fs::canonical(path, error) / "../..").lexically_normal().string() : path;
  if (!source.folder.empty() && source.folder.back() == '/')
    source.folder.pop_back();
  source.spec = source.folder + "/spec.toml";
  if (!fs::is_regular_file(source.spec, error))
    return invalid("`", path, "` is a checkpoint outside of a run; expected its spec as `", source.spec, "`");
  std::string average = source.checkpoint + "/ema.safetensors";
  source.weights = fs::is_regular_file(average, error) ? average : source.checkpoint + "/model.safetensors";
  return std::optional<RunSource>(std::move(source));
}

Status writeRunFacts(const std::string &folder, const RunFacts &facts) {
  nlohmann::ordered_json json = {
      {"data", facts.data}, {"device", facts.device}, {"target", facts.target}, {"checkpoint_activations", facts.checkpoints}};
  std::string text = json.dump(2, ' ', /*ensure_ascii=*/false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  return writeFileAtomically(folder + "/run.json", {ByteView(text)});
}

Result<RunFacts> readRunFacts(const std::string &folder) {
  std::string path = folder + "/run.json";
  ARCHRT_ASSIGN(std::string text, train::readText(path));
  nlohmann::json json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  RunFacts facts;
  for (auto &[key, to] : {std::pair<const char *, std::string &>("data", facts.data),
                          {"device", facts.device},
                          {"target", facts.target},
                          {"checkpoint_activations", facts.checkpoints}}) {
    if (json.is_object() && !json.contains(key) && &to == &facts.checkpoints)
      continue; // a run of an earlier version, which had no choice
    if (!json.is_object() || !json.contains(key) || !json[key].is_string())
      return invalid("`", path, "` has no text `", key, "`");
    to = json[key].get<std::string>();
  }
  return facts;
}

} // namespace archc::driver
