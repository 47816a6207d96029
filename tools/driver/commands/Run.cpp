//===- Run.cpp - archc run ------------------------------------------------===//

#include "runtime/graph/Describe.h"
#include "runtime/weights/Npy.h"
#include "tools/driver/InputReader.h"
#include "tools/driver/Labels.h"
#include "tools/driver/ModelSource.h"
#include "tools/driver/PhaseTimes.h"
#include "tools/driver/PrintJson.h"
#include "tools/driver/RunSource.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <memory>
#include <numeric>

using namespace archrt;

namespace archc::driver {
namespace {

struct RunOptions {
  ModelOptions model;
  InputOptions input;
  std::string output, labels, tapDir;
  std::vector<std::string> taps;
  int top = 5;
  bool json = false, timings = false;
};

struct Guess {
  int64_t index = 0;
  float logit = 0;
  double probability = 0;
};

/// The `count` most likely classes; softmax over all.
std::vector<Guess> topGuesses(const float *logits, int64_t classes, int count) {
  std::vector<int64_t> order(classes);
  std::iota(order.begin(), order.end(), 0);
  int64_t kept = std::min<int64_t>(count, classes);
  auto greater = [&](int64_t a, int64_t b) { return logits[a] > logits[b] || (logits[a] == logits[b] && a < b); };
  std::partial_sort(order.begin(), order.begin() + kept, order.end(), greater);
  double largest = *std::max_element(logits, logits + classes), sum = 0;
  for (int64_t i = 0; i < classes; ++i)
    sum += std::exp(logits[i] - largest);
  std::vector<Guess> guesses;
  for (int64_t i = 0; i < kept; ++i)
    guesses.push_back({order[i], logits[order[i]], std::exp(logits[order[i]] - largest) / sum});
  return guesses;
}

class Runner {
public:
  Runner(const RunOptions &options, std::shared_ptr<Model> model) : options(options), model(std::move(model)) {}
  Status run();

private:
  Status prepare();
  Status readLabels();
  Status runBatch(const InputBatch &batch);
  void show(const std::string &name, const float *values);
  Status writeTaps() const;
  Status finish(const InputReader &reader);

  const RunOptions &options;
  std::shared_ptr<Model> model;
  std::unique_ptr<Session> session;
  std::vector<std::string> labels;
  std::vector<float> outputs;
  int64_t images = 0;
  nlohmann::ordered_json results = nlohmann::ordered_json::array();
};

Status Runner::readLabels() {
  const abi::Model &table = model->artifact().model();
  for (size_t i = 0; i < sizeOf(table.labels()); ++i)
    labels.emplace_back(textOf(table.labels()->Get(i)));
  if (options.labels.empty())
    return {};
  ARCHRT_ASSIGN(labels, driver::readLabels(options.labels, table.classes()));
  return {};
}

Status Runner::prepare() {
  ARCHRT_TRY(readLabels());
  ARCHRT_ASSIGN(session, Session::create(model));
  for (const std::string &name : options.taps)
    ARCHRT_TRY(session->addTap(name));
  bool classifies = model->artifact().model().classes() > 0;
  if (!classifies && options.output.empty() && options.taps.empty() && !options.json)
    return invalid("the model gives features, not classes; write them with `--output`");
  return {};
}

void Runner::show(const std::string &name, const float *values) {
  int64_t classes = model->artifact().model().classes();
  if (classes == 0)
    return;
  nlohmann::ordered_json row = {{"input", name}, {"top", nlohmann::ordered_json::array()}};
  if (!options.json)
    std::cout << name << "\n";
  for (const Guess &guess : topGuesses(values, classes, options.top)) {
    std::string label = labels.empty() ? "" : labels[guess.index];
    if (options.json)
      row["top"].push_back(
          {{"class", guess.index}, {"label", label}, {"logit", guess.logit}, {"probability", guess.probability}});
    else
      std::cout << std::fixed << std::setprecision(4) << "  " << guess.probability << "  " << guess.index
                << (label.empty() ? "" : "  ") << label << "\n";
  }
  results.push_back(std::move(row));
}

Status Runner::runBatch(const InputBatch &batch) {
  int64_t width = model->outputWidth();
  std::vector<float> output(static_cast<size_t>(batch.input.batch * width));
  if (session->reserved() == 0)
    ARCHRT_TRY(session->reserve(std::min<int64_t>(batch.input.batch, 32)));
  markPhase("memory");
  ARCHRT_TRY(session->run(batch.input, output.data()));
  markPhase("run");
  images += batch.input.batch;
  bool shows = options.output.empty() || options.json;
  for (int64_t i = 0; shows && i < batch.input.batch; ++i)
    show(batch.names[i], output.data() + i * width);
  if (!options.output.empty())
    outputs.insert(outputs.end(), output.begin(), output.end());
  return {};
}

Status Runner::writeTaps() const {
  std::error_code error;
  if (!options.tapDir.empty() && session->tapCount() > 0 && !std::filesystem::create_directories(options.tapDir, error) && error)
    return invalid("cannot make the folder `", options.tapDir, "`: ", error.message());
  for (size_t i = 0; i < session->tapCount(); ++i) {
    TapValue tap = session->tap(i);
    std::string path = (options.tapDir.empty() ? "" : options.tapDir + "/") + tap.name + ".npy";
    ARCHRT_TRY(writeNpy(path, tap.shape, tap.data));
  }
  return {};
}

Status Runner::finish(const InputReader &reader) {
  if (images == 0)
    return invalid("none of the inputs could be read");
  ARCHRT_TRY(writeTaps());
  if (!options.output.empty())
    ARCHRT_TRY(writeNpy(options.output, {images, model->outputWidth()}, outputs.data()));
  if (!options.json)
    return {};
  nlohmann::ordered_json out = {{"model", std::string(textOf(model->artifact().model().name()))},
                                {"target", model->device().target()},
                                {"threads", model->runtime().pool().threads()},
                                {"images", images},
                                {"results", results},
                                {"skipped", reader.skipped()}};
  printJson(out);
  return {};
}

Status Runner::run() {
  ARCHRT_TRY(prepare());
  InputOptions input = options.input;
  if (!options.taps.empty())
    input.imagesAtOnce = 0; // a tap is one tensor over all images
  ARCHRT_ASSIGN(InputReader reader, InputReader::create(input, model->artifact()));
  InputBatch batch;
  for (int64_t batches = 0;; ++batches) {
    ARCHRT_ASSIGN(bool more, reader.next(batch));
    markPhase("read inputs");
    if (!more)
      break;
    if (batches > 0 && !options.taps.empty())
      return invalid("`--tap` works with one array or with images; expected one `--input`");
    ARCHRT_TRY(runBatch(batch));
    markPhase("print and write");
  }
  return finish(reader);
}

/// A run folder knows what its classes are called.
Status useLabelsOfRun(RunOptions &options) {
  ARCHRT_ASSIGN(std::optional<RunSource> source, findRun(options.model.source));
  std::error_code error;
  if (source && options.labels.empty() && std::filesystem::is_regular_file(source->folder + "/labels.txt", error))
    options.labels = source->folder + "/labels.txt";
  return {};
}

int run(const RunOptions &given) {
  markPhase("command line");
  RunOptions options = given;
  if (Status status = useLabelsOfRun(options); !status.ok())
    return report(status);
  auto model = openModel(options.model);
  if (!model.ok())
    return report(model.status());
  if (options.model.device == "null") {
    if (const abi::TargetPlan *plan = (*model)->device().plan())
      std::cout << describePlan((*model)->artifact(), *plan);
    return ExitOk;
  }
  if (options.input.paths.empty())
    return report(invalid("nothing to run; give `--input` an image, a folder of images or a .npy file"));
  Status status = Runner(options, *model).run();
  markPhase("print and write");
  if (options.timings)
    std::cerr << phaseTable();
  return status.ok() ? ExitOk : report(status);
}

std::function<int()> setup(CLI::App &app) {
  auto options = std::make_shared<RunOptions>();
  addModelOptions(app, options->model);
  app.add_option("--input", options->input.paths,
                 "A JPEG or PNG file, a folder of them, or a .npy array (f32 already normalised, u8 pixels)");
  app.add_option("--layout", options->input.layout, "Of a .npy array: nchw or nhwc (default: told from its shape)")
      ->check(CLI::IsMember({"nchw", "nhwc"}));
  app.add_option("--output", options->output, "Write the outputs of all images to this .npy file");
  app.add_option("--top", options->top, "Classes to show per image")->capture_default_str()->check(CLI::PositiveNumber);
  app.add_option("--labels", options->labels, "A text file with one label per line (default: those in the artifact)");
  app.add_option("--tap", options->taps,
                 "Keep an inner tensor, by name path: `--tap stages.2.blocks.3`; may be given more than once")
      ->allow_extra_args(false);
  app.add_option("--tap-dir", options->tapDir, "Where taps are written, as NAME.npy (default: here)");
  app.add_flag("--keep-going", options->input.keepGoing, "Report and skip images and arrays that cannot be read");
  app.add_flag("--exif", options->input.applyExif, "Turn images upright by their EXIF tag (ignored otherwise, as timm does)");
  app.add_flag("--json", options->json, "Print one JSON object");
  app.add_flag("--timings", options->timings, "Say on the standard error where the time went, from the program's start on");
  return [options] { return run(*options); };
}

const bool registered =
    registerCommand({"run", "Run a model on images or arrays",
                     "archc run caformer_s18.archx --weights caformer_s18.safetensors --input cat.jpg --top 5", setup});

} // namespace
} // namespace archc::driver
