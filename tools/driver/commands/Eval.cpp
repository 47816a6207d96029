//===- Eval.cpp - archc eval: how good trained weights are ----------------===//

#include "runtime/train/Evaluation.h"
#include "tools/driver/ModelSource.h"
#include "tools/driver/PrintJson.h"
#include "tools/driver/RunSource.h"
#include "tools/driver/TrainData.h"

#include <algorithm>
#include <cstdio>
#include <iostream>

using namespace archrt;
using train::EvalResult;

namespace archc::driver {
namespace {

struct EvalOptions {
  ModelOptions model;
  std::string data;
  int64_t batch = 100, images = 0;
  bool json = false;
};

/// One row of the per-class table.
struct ClassRow {
  int64_t images = 0, right = 0, confusedWith = -1, confused = 0;
};

ClassRow rowOf(const EvalResult &result, int64_t label) {
  ClassRow row;
  for (int64_t answer = 0; answer < result.classes; ++answer) {
    int64_t count = result.confusion[static_cast<size_t>(label * result.classes + answer)];
    row.images += count;
    if (answer == label) {
      row.right = count;
    } else if (count > row.confused) {
      row.confused = count;
      row.confusedWith = answer;
    }
  }
  return row;
}

std::string nameOf(const std::vector<std::string> &names, int64_t label) {
  return label < int64_t(names.size()) ? names[static_cast<size_t>(label)] : "class " + std::to_string(label);
}

void printTable(const EvalResult &result, const std::vector<std::string> &names) {
  size_t width = 5;
  for (int64_t label = 0; label < result.classes; ++label)
    width = std::max(width, nameOf(names, label).size());
  std::printf("%-*s  images   right  most often taken for\n", int(width), "class");
  for (int64_t label = 0; label < result.classes; ++label) {
    ClassRow row = rowOf(result, label);
    if (row.images == 0)
      continue;
    std::printf("%-*s  %6lld  %5.1f %%", int(width), nameOf(names, label).c_str(), static_cast<long long>(row.images),
                100 * double(row.right) / double(row.images));
    if (row.confused > 0)
      std::printf("  %s (%lld)", nameOf(names, row.confusedWith).c_str(), static_cast<long long>(row.confused));
    std::printf("\n");
  }
}

void printAsJson(const EvalResult &result, const EvalOptions &options, const std::string &weights) {
  nlohmann::ordered_json out = {{"weights", weights},
                                {"data", options.data},
                                {"images", result.images},
                                {"loss", result.loss()},
                                {"top1", result.top1()},
                                {"top5", result.top5()},
                                {"confusion", nlohmann::ordered_json::array()}};
  for (int64_t label = 0; label < result.classes; ++label) {
    auto row = result.confusion.begin() + label * result.classes;
    out["confusion"].push_back(std::vector<int64_t>(row, row + result.classes));
  }
  printJson(out);
}

Status evaluate(EvalOptions options) {
  ARCHRT_ASSIGN(std::optional<RunSource> run, findRun(options.model.source));
  if (run && options.data.empty()) {
    ARCHRT_ASSIGN(RunFacts facts, readRunFacts(run->folder));
    options.data = facts.data;
  }
  if (options.data.empty())
    return invalid("nothing to evaluate on; give `--data` a name or a folder");
  std::string weights = run && options.model.weights.empty() ? run->weights : options.model.weights;
  if (weights.empty())
    return invalid("`", options.model.source, "` is no run; give its weights with `--weights`");
  ARCHRT_ASSIGN(std::shared_ptr<Model> model, openModel(options.model));
  DataRequest request{options.data, &model->artifact(), &model->runtime().pool()};
  ARCHRT_ASSIGN(std::unique_ptr<train::BatchSource> source, openEvalSource(request, options.images));
  ARCHRT_ASSIGN(std::unique_ptr<train::Evaluator> evaluator, train::createEvaluator(model, *source, options.batch));
  ARCHRT_ASSIGN(EvalResult result, evaluator->evaluateAsIs());
  if (options.json) {
    printAsJson(result, options, weights);
    return {};
  }
  printTable(result, source->classNames());
  std::printf("%lld images: loss %.4f, top-1 %.2f %%, top-5 %.2f %% (%s)\n", static_cast<long long>(result.images), result.loss(),
              result.top1(), result.top5(), weights.c_str());
  return {};
}

const bool registered = registerCommand(
    {"eval", "Evaluate a run, a checkpoint or a model: loss, top-1, top-5 and the classes one by one",
     "archc eval runs/a --data fashion-mnist", [](CLI::App &app) -> std::function<int()> {
       auto options = std::make_shared<EvalOptions>();
       addModelOptions(app, options->model);
       app.add_option("--data", options->data,
                      "`fashion-mnist`, or the folder of a data set (default: what the run was trained on)");
       app.add_option("--batch", options->batch, "Images per call")->check(CLI::Range(1, 65536))->capture_default_str();
       app.add_option("--images", options->images, "Only so many of the test images; 0 for all")->check(CLI::NonNegativeNumber);
       app.add_flag("--json", options->json, "Print the results, with the confusion matrix, as JSON");
       return [options] { return report(evaluate(*options)); };
     }});

} // namespace
} // namespace archc::driver
