//===- Verify.cpp - archc verify ------------------------------------------===//

#include "tools/driver/ModelSource.h"
#include "tools/driver/PrintJson.h"
#include "tools/driver/Verification.h"

#include <algorithm>
#include <cstdio>
#include <memory>

using namespace archrt;

namespace archc::driver {
namespace {

struct VerifyOptions {
  ModelOptions model;
  int64_t batch = 4;
  uint64_t seed = 1;
  bool json = false;
};

nlohmann::ordered_json toJson(const std::vector<VerifiedTensor> &rows) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const VerifiedTensor &row : rows)
    out.push_back({{"kernels", row.kernels},
                   {"path", row.path},
                   {"line", row.line},
                   {"error", row.error},
                   {"yardstick", row.yardstick},
                   {"allowed", row.allowed},
                   {"largest", row.largest},
                   {"ok", row.ok()}});
  return out;
}

void printTable(const std::vector<VerifiedTensor> &rows) {
  std::printf("%10s %10s %10s  %s\n", "error", "allowed", "largest", "tensor (kernels)");
  for (const VerifiedTensor &row : rows)
    std::printf("%10.2e %10.2e %10.2e  %s%s%s\n", row.error, row.allowed, row.largest, row.path.c_str(),
                row.kernels.empty() ? "" : ("  (" + row.kernels + ")").c_str(), row.ok() ? "" : "  OVER BUDGET");
}

int conclude(const std::vector<VerifiedTensor> &rows) {
  auto bad = std::find_if(rows.begin(), rows.end(), [](const VerifiedTensor &row) { return !row.ok(); });
  if (bad == rows.end())
    return ExitOk;
  std::string text = concat("`", bad->path, "` is over budget");
  char numbers[128];
  std::snprintf(numbers, sizeof(numbers), ": error %.3e; expected at most %.3e", bad->error, bad->allowed);
  text += numbers;
  if (!bad->kernels.empty())
    text += "; computed by " + bad->kernels;
  if (!bad->line.empty())
    text += "; from " + bad->line;
  return report(Status(ErrorCode::Budget, text));
}

/// The parameters of `--weights`, or random ones.
Result<std::shared_ptr<ParamStore>> paramsFor(const Model &model, const VerifyOptions &options) {
  if (options.model.weights.empty())
    return randomParams(model.artifact().model(), options.seed);
  ARCHRT_ASSIGN(SafetensorsFile file, SafetensorsFile::open(options.model.weights));
  ImportReport rows;
  ARCHRT_ASSIGN(std::shared_ptr<ParamStore> params,
                importWeights(file, model.artifact().model(), {options.model.partial, options.model.names}, rows));
  return params->materialize();
}

Result<std::vector<VerifiedTensor>> verify(const VerifyOptions &options) {
  VerifyRequest request;
  ARCHRT_ASSIGN(request.model, openModel(options.model));
  ARCHRT_ASSIGN(request.params, paramsFor(*request.model, options));
  if (options.model.weights.empty()) // else the model has them, perhaps from the cache, which is then checked, too
    ARCHRT_TRY(request.model->setWeights(request.params));
  request.batch = options.batch;
  request.seed = options.seed;
  return verifyModel(request);
}

int run(const VerifyOptions &options) {
  auto rows = verify(options);
  if (!rows.ok())
    return report(rows.status());
  if (options.json)
    printJson(toJson(*rows));
  else
    printTable(*rows);
  return conclude(*rows);
}

std::function<int()> setup(CLI::App &app) {
  auto options = std::make_shared<VerifyOptions>();
  addModelOptions(app, options->model);
  app.add_option("--batch", options->batch, "Random images to run")->capture_default_str()->check(CLI::Range(1, 1024));
  app.add_option("--seed", options->seed, "Of the images, and of the parameters without `--weights`")->capture_default_str();
  app.add_flag("--json", options->json, "Print a JSON array, one object per compared tensor");
  return [options] { return run(*options); };
}

const bool registered = registerCommand({"verify", "Compare compiled kernels with the reference interpreter, one by one",
                                         "archc verify caformer_s18.archx --weights caformer_s18.safetensors", setup});

} // namespace
} // namespace archc::driver
