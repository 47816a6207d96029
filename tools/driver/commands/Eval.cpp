//===- Eval.cpp - archc eval: how good trained weights are ----------------===//

#include "runtime/core/AtomicFile.h"
#include "runtime/report/Confusion.h"
#include "runtime/train/Evaluation.h"
#include "tools/driver/ModelSource.h"
#include "tools/driver/PrintJson.h"
#include "tools/driver/RunSource.h"
#include "tools/driver/TrainData.h"

#include <cstdio>
#include <iostream>

using namespace archrt;
using train::EvalResult;

namespace archc::driver {
namespace {

struct EvalOptions {
  ModelOptions model;
  std::string data, picture;
  int64_t batch = 100, images = 0;
  bool json = false, keepGoing = false;
};

report::Confusion confusionOf(const EvalResult &result, std::vector<std::string> names) {
  report::Confusion confusion(result.classes, std::move(names));
  for (int64_t label = 0; label < result.classes; ++label)
    for (int64_t answer = 0; answer < result.classes; ++answer)
      if (int64_t images = result.confusion[static_cast<size_t>(label * result.classes + answer)])
        confusion.add(static_cast<int32_t>(label), static_cast<int32_t>(answer), images);
  return confusion;
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
  EvalDataOptions dataOptions{options.images, model->runtime().pool().threads(), options.keepGoing};
  ARCHRT_ASSIGN(std::unique_ptr<data::Loader> source, openEvalSource(options.data, model->artifact(), dataOptions));
  ARCHRT_ASSIGN(std::unique_ptr<train::Evaluator> evaluator, train::createEvaluator(model, *source, options.batch));
  ARCHRT_ASSIGN(EvalResult result, evaluator->evaluateAsIs());
  if (options.json) {
    printAsJson(result, options, weights);
    return {};
  }
  for (const data::CorruptImage &image : source->takeCorrupt())
    std::cerr << "note: skipped `" << image.name << "`: " << image.reason << "\n";
  report::Confusion confusion = confusionOf(result, source->classNames());
  std::cout << confusion.table() << std::flush;
  std::string picture = !options.picture.empty() ? options.picture : run ? run->folder + "/confusion.png" : "";
  if (!picture.empty()) {
    ARCHRT_ASSIGN(std::string png, confusion.picture().png());
    ARCHRT_TRY(writeFileAtomically(picture, {ByteView(png)}));
  }
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
       app.add_option("--confusion", options->picture,
                      "Draw the confusion matrix into this PNG file (default for runs: confusion.png in their folder)");
       app.add_flag("--keep-going", options->keepGoing, "Replace images that cannot be read by others, and name them");
       app.add_flag("--json", options->json, "Print the results, with the confusion matrix, as JSON");
       return [options] { return report(evaluate(*options)); };
     }});

} // namespace
} // namespace archc::driver
