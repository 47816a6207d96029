//===- Accuracy.cpp - archc accuracy: how often the first answer is right -===//

#include "runtime/data/Idx.h"
#include "tools/driver/Command.h"
#include "tools/driver/RuntimeHandles.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

namespace archc::driver {

namespace {

struct AccuracyOptions {
  std::string artifact, weights, data = "fashion-mnist";
  int64_t batch = 100, images = 0, show = 1;
  int threads = 0;
  bool json = false;
};

struct Tally {
  int64_t images = 0, right = 0;
  double seconds = 0;
  std::string samples; // lines about the first images

  double accuracy() const { return images ? double(right) / double(images) : 0; }
};

class AccuracyRun {
public:
  explicit AccuracyRun(const AccuracyOptions &options) : options(options), names(archrt::classNames(options.data)) {}

  int run() {
    archrt::Result<archrt::LabelledImages> read = archrt::readLabelledImages(options.data, archrt::Split::Test);
    if (!read.ok()) {
      std::cerr << "error: " << read.status().message() << '\n';
      return int(read.status().code());
    }
    images = read.take();
    if (options.images > 0)
      images.count = std::min(images.count, options.images);
    if (archrt_status status = open(); status != ARCHRT_OK)
      return report(status);
    if (info.channels != 1 || info.height != images.height || info.width != images.width || info.classes < 2) {
      std::cerr << "error: `" << options.data << "` has grey images of " << images.height << "x" << images.width << "; `"
                << info.name << "` takes " << info.channels << "x" << info.height << "x" << info.width << '\n';
      return ExitUserError;
    }
    if (archrt_status status = classify(); status != ARCHRT_OK)
      return report(status);
    print();
    return ExitOk;
  }

private:
  static int report(archrt_status status) {
    std::cerr << "error: " << archrt_last_error() << '\n';
    return status;
  }

  archrt_status open() {
    archrt_runtime_options runtimeOptions = {};
    runtimeOptions.struct_size = sizeof(runtimeOptions);
    runtimeOptions.threads = options.threads;
    archrt_runtime *newRuntime = nullptr;
    archrt_model *newModel = nullptr;
    archrt_session *newSession = nullptr;
    archrt_status status = archrt_runtime_create(&runtimeOptions, &newRuntime);
    runtime.reset(newRuntime);
    if (status == ARCHRT_OK)
      status = archrt_model_load(runtime.get(), options.artifact.c_str(), nullptr, &newModel);
    model.reset(newModel);
    if (status == ARCHRT_OK)
      status = archrt_model_set_weights(model.get(), options.weights.c_str(), nullptr);
    if (status == ARCHRT_OK)
      status = archrt_session_create(model.get(), &newSession);
    session.reset(newSession);
    if (status == ARCHRT_OK)
      status = archrt_session_reserve(session.get(), options.batch);
    info.struct_size = sizeof(info);
    return status == ARCHRT_OK ? archrt_model_get_info(model.get(), &info) : status;
  }

  archrt_status classify() {
    std::vector<float> logits(size_t(options.batch * info.outputs));
    auto started = std::chrono::steady_clock::now();
    for (int64_t first = 0; first < images.count; first += options.batch) {
      archrt_input input = {};
      input.struct_size = sizeof(input);
      input.data = images.image(first);
      input.batch = std::min(options.batch, images.count - first);
      input.format = ARCHRT_INPUT_U8_NHWC;
      if (archrt_status status = archrt_session_run(session.get(), &input, logits.data(), logits.size()); status != ARCHRT_OK)
        return status;
      for (int64_t i = 0; i < input.batch; ++i)
        count(first + i, logits.data() + i * info.outputs);
    }
    tally.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return ARCHRT_OK;
  }

  void count(int64_t image, const float *logits) {
    int64_t best = std::max_element(logits, logits + info.outputs) - logits;
    int64_t label = images.labels[size_t(image)];
    ++tally.images;
    tally.right += best == label;
    if (image >= options.show)
      return;
    double sum = 0; // of the softmax, relative to the largest logit
    for (int64_t i = 0; i < info.outputs; ++i)
      sum += std::exp(double(logits[i]) - logits[best]);
    char percent[16];
    std::snprintf(percent, sizeof(percent), "%.1f %%", 100 / sum);
    tally.samples +=
        "image " + std::to_string(image) + ": " + nameOf(best) + " (" + percent + "), labelled " + nameOf(label) + '\n';
  }

  std::string nameOf(int64_t index) const {
    if (const char *label = archrt_model_label(model.get(), index))
      return label;
    return index < int64_t(names.size()) ? names[size_t(index)] : "class " + std::to_string(index);
  }

  void print() const {
    double rate = double(tally.images) / std::max(tally.seconds, 1e-9);
    if (options.json) {
      nlohmann::ordered_json out = {
          {"name", info.name},        {"target", info.target}, {"threads", archrt_runtime_threads(runtime.get())},
          {"images", tally.images},   {"right", tally.right},  {"accuracy", tally.accuracy()},
          {"seconds", tally.seconds}, {"images_per_s", rate}};
      std::cout << out.dump(2) << '\n';
      return;
    }
    char line[160];
    std::snprintf(line, sizeof(line), "%lld of %lld right: %.2f %%; %.2f s, %.0f images/s on %d threads (%s)\n",
                  (long long)tally.right, (long long)tally.images, 100 * tally.accuracy(), tally.seconds, rate,
                  archrt_runtime_threads(runtime.get()), info.target);
    std::cout << tally.samples << line;
  }

  const AccuracyOptions &options;
  std::vector<std::string> names;
  archrt::LabelledImages images;
  RuntimeHandle runtime;
  ModelHandle model;
  SessionHandle session;
  archrt_model_info info = {};
  Tally tally;
};

const bool registered = registerCommand(
    {"accuracy", "Classify the test images of a data set and count the right answers",
     "archc accuracy tiny28.archx --weights archs/weights/caformer_tiny28_fashion_mnist.safetensors --data fashion-mnist",
     [](CLI::App &app) -> std::function<int()> {
       auto options = std::make_shared<AccuracyOptions>();
       app.add_option("artifact", options->artifact, "A compiled artifact")->required();
       app.add_option("--weights", options->weights, "A safetensors file")->required();
       app.add_option("--data", options->data, "`fashion-mnist`, or a folder with MNIST's four files")->capture_default_str();
       app.add_option("--batch", options->batch, "Images per call")->check(CLI::Range(1, 65536))->capture_default_str();
       app.add_option("--images", options->images, "Only so many of the test images; 0 for all")->check(CLI::NonNegativeNumber);
       app.add_option("--show", options->show, "Print the answer for so many images")->check(CLI::NonNegativeNumber);
       app.add_option("--threads", options->threads, "0 for all that the process may use")->check(CLI::Range(0, 1024));
       app.add_flag("--json", options->json, "Print the counts as JSON");
       return [options] { return AccuracyRun(*options).run(); };
     }});

} // namespace

} // namespace archc::driver
